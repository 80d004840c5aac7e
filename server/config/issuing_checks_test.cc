#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/status_matchers.h"
#include "core/issuing_ca.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

TestingSite Site(absl::string_view yaml) {
  const TestingSite site;
  site.Replace("hsm:\n", absl::StrCat("issuing_cas:\n", yaml, "hsm:\n"));
  auth::CertificateSpec spec = auth::CaSpec("Code CA");
  site.Write("code-ca.pem", auth::TestingCertificate::SelfSigned(spec).pem(),
             0644);
  return site;
}

TEST(IssuingCas, HaveDefaults) {
  const TestingSite site = Site(
      "  - name: code\n"
      "    key_id: 0a1b\n"
      "    key_label: code-ca\n"
      "    certificate_file: code-ca.pem\n"
      "    profiles: [{id: standard, subject: 'CN={common_name},O=D'}]\n");
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  ASSERT_EQ(config.access->policy.issuing_cas.size(), 1u);
  const core::IssuingCa& ca = config.access->policy.issuing_cas[0];
  EXPECT_EQ(ca.name, "code");
  EXPECT_EQ(ca.key.key_id, "\x0a\x1b");
  EXPECT_EQ(ca.key.label, "code-ca");
  EXPECT_FALSE(ca.key.spki.empty());
  EXPECT_THAT(ca.key.tokens, ElementsAre("main"));
  EXPECT_EQ(ca.certificates.size(), 1u);
  EXPECT_EQ(ca.crl_url, "");
  EXPECT_EQ(ca.crl_validity, absl::Hours(168));
  ASSERT_EQ(ca.profiles.size(), 1u);
  EXPECT_EQ(ca.profiles[0].id, "standard");
  EXPECT_EQ(ca.profiles[0].subject, "CN={common_name},O=D");
  EXPECT_EQ(ca.profiles[0].validity, absl::Hours(8760));
  EXPECT_EQ(ca.profiles[0].renew_before, absl::Hours(720));
}

TEST(IssuingCas, TakeAllFields) {
  const TestingSite site = Site(
      "  - name: code\n"
      "    token: main\n"
      "    key_id: 0A\n"
      "    key_label: code-ca\n"
      "    certificate_file: code-ca.pem\n"
      "    crl_url: http://signer.d.org/crl/code.crl\n"
      "    crl_validity: 24h\n"
      "    profiles:\n"
      "      - {id: a, subject: 'CN={common_name}', validity: 48h}\n"
      "      - {id: b, subject: 'CN={product} {operation},O=D',\n"
      "         validity: 100h, renew_before: 50h}\n");
  // No HTTPS door: somebody else serves the CRL.
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  const core::IssuingCa& ca = config.access->policy.issuing_cas[0];
  EXPECT_EQ(ca.crl_url, "http://signer.d.org/crl/code.crl");
  EXPECT_EQ(ca.crl_validity, absl::Hours(24));
  // The default is at most half of the validity.
  EXPECT_EQ(ca.profiles[0].renew_before, absl::Hours(24));
  EXPECT_EQ(ca.profiles[1].renew_before, absl::Hours(50));
}

TEST(IssuingCas, TellAllMistakesAtOnce) {
  const TestingSite site = Site(
      "  - name: Code\n"
      "    token: other\n"
      "    key_id: xyz\n"
      "    key_label: code-ca\n"
      "    certificate_file: server.pem\n"
      "    crl_url: ldap://d.org\n"
      "    crl_validity: 1m\n"
      "    profiles:\n"
      "      - {id: A, subject: 'CN={common_name}', validity: 1m}\n"
      "      - {id: b, subject: 'CN={user}'}\n"
      "      - {id: c, subject: 'CN={common_name}', validity: 10h,\n"
      "         renew_before: 6h}\n"
      "  - name: second\n"
      "    key_id: 0a\n"
      "    key_label: code-ca\n"
      "    certificate_file: absent.pem\n"
      "    profiles: [{id: b, subject: 'CN={common_name}'}]\n"
      "  - name: second\n"
      "    key_id: 0a\n"
      "    key_label: code-ca\n"
      "    certificate_file: code-ca.pem\n"
      "    profiles: [{id: d, subject: 'CN={common_name}'}]\n");
  const auto config = LoadConfig(site.config_path(), kNow);
  EXPECT_THAT(config, base::HasReason("BAD_CONFIG"));
  const std::string text(config.status().message());
  for (const char* says :
       {"issuing_cas[0].name: must be 1 to 63",
        "issuing_cas[0].token: no token is named \"other\"; there are main",
        "issuing_cas[0].key_id: must be CKA_ID in hexadecimal",
        "issuing_cas[0].certificate_file: the authority's own certificate",
        "issuing_cas[0].crl_url: must be a URL",
        "issuing_cas[0].crl_validity: is 1m",
        "issuing_cas[0].profiles[0].id: must be 1 to 63",
        "issuing_cas[0].profiles[0].validity: is 1m",
        "issuing_cas[0].profiles[1].subject",
        "issuing_cas[0].profiles[2].renew_before: is 6h; must be 1m to 5h",
        "issuing_cas[1].certificate_file: open",
        "issuing_cas[1].profiles[0].id: is also that of "
        "issuing_cas[0].profiles[1]",
        "issuing_cas[2].name: is also that of issuing_cas[1]",
        "issuing_cas[2].key_id: is also that of issuing_cas[1]"}) {
    EXPECT_THAT(text, HasSubstr(says));
  }
  EXPECT_THAT(text, testing::StartsWith("14 mistakes in"));
}

}  // namespace
}  // namespace countersign::server
