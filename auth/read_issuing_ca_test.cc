#include <string>

#include "absl/strings/str_cat.h"
#include "auth/issue_certificate.h"
#include "auth/testing_ca.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::StatusIs;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

TestingCertificate Root(const CertificateSpec& spec) {
  return TestingCertificate::SelfSigned(spec);
}

CertificateSpec WithKey(const char* type) {
  CertificateSpec spec = CaSpec("Issuing");
  spec.key_type = type;
  return spec;
}

struct KeyCase {
  const char* type;
  core::KeyType want;
  core::SignatureAlgorithm algorithm;
  core::HashAlgorithm hash;
};

TEST(ReadIssuingCaTest, FillsInWhatGoesWithTheKey) {
  for (const KeyCase& c :
       {KeyCase{"RSA2048", core::KeyType::kRsa2048,
                core::SignatureAlgorithm::kRsassaPkcs1V15,
                core::HashAlgorithm::kSha256},
        KeyCase{"P-256", core::KeyType::kEcP256,
                core::SignatureAlgorithm::kEcdsa, core::HashAlgorithm::kSha256},
        KeyCase{"P-384", core::KeyType::kEcP384,
                core::SignatureAlgorithm::kEcdsa, core::HashAlgorithm::kSha384},
        KeyCase{"P-521", core::KeyType::kEcP521,
                core::SignatureAlgorithm::kEcdsa,
                core::HashAlgorithm::kSha512}}) {
    const CertificateSpec spec = WithKey(c.type);
    const TestingCertificate made = Root(spec);
    ASSERT_OK_AND_ASSIGN(const core::IssuingCa ca,
                         ReadIssuingCa(made.pem(), kNow));
    EXPECT_EQ(ca.key.type, c.want);
    EXPECT_EQ(ca.algorithm, c.algorithm);
    EXPECT_EQ(ca.hash, c.hash);
    EXPECT_EQ(ca.key.spki, made.spki());
    EXPECT_EQ(ca.not_after, spec.not_after);
    EXPECT_THAT(ca.certificates, testing::ElementsAre(made.der()));
  }
}

TEST(ReadIssuingCaTest, TakesItsIssuersInOrderWithTheRootOrWithout) {
  const TestingCertificate root = Root(CaSpec("Root"));
  const TestingCertificate middle = root.Issue(CaSpec("Middle"));
  const TestingCertificate own = middle.Issue(CaSpec("Issuing"));
  EXPECT_OK(ReadIssuingCa(own.pem(), kNow));
  EXPECT_OK(ReadIssuingCa(own.pem() + middle.pem(), kNow));
  ASSERT_OK_AND_ASSIGN(
      const core::IssuingCa ca,
      ReadIssuingCa(own.pem() + middle.pem() + root.pem(), kNow));
  EXPECT_THAT(ca.certificates,
              testing::ElementsAre(own.der(), middle.der(), root.der()));
  for (const std::string& pem :
       {own.pem() + root.pem(), own.pem() + root.pem() + middle.pem(),
        own.pem() + middle.pem() + Root(CaSpec("Root")).pem(),
        own.pem() + own.pem()}) {
    EXPECT_THAT(ReadIssuingCa(pem, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("was not issued by")));
  }
  EXPECT_THAT(ReadIssuingCa(root.pem() + root.pem(), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("nothing can follow it")));
}

struct BadCase {
  const char* name;
  void (*change)(CertificateSpec&);
  const char* says;
};

class BadIssuingCaTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadIssuingCaTest, IsRefusedWithItsFault) {
  CertificateSpec spec = CaSpec("Issuing");
  GetParam().change(spec);
  EXPECT_THAT(
      ReadIssuingCa(Root(CaSpec("Root")).Issue(spec).pem(), kNow),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadIssuingCaTest,
    testing::Values(
        BadCase{"NoCa", [](CertificateSpec& s) { s.ca = false; }, "CA:TRUE"},
        BadCase{"MayNotSignCertificates",
                [](CertificateSpec& s) { s.key_usage = "critical,cRLSign"; },
                "keyCertSign"},
        BadCase{
            "MayNotSignCrls",
            [](CertificateSpec& s) { s.key_usage = "critical,keyCertSign"; },
            "cRLSign"},
        BadCase{"NoKeyUsage", [](CertificateSpec& s) { s.key_usage = ""; },
                "keyCertSign"},
        BadCase{"ForServersOnly",
                [](CertificateSpec& s) { s.extended_key_usage = "serverAuth"; },
                "without codeSigning"},
        BadCase{"WeakKey", [](CertificateSpec& s) { s.key_type = "RSA1024"; },
                "weak"},
        BadCase{"Edwards", [](CertificateSpec& s) { s.key_type = "Ed25519"; },
                "a CRL outgrows that"},
        BadCase{"OtherCurve",
                [](CertificateSpec& s) { s.key_type = "secp256k1"; },
                "type that is not made here"},
        BadCase{"Sha1", [](CertificateSpec& s) { s.hash = "SHA1"; },
                "weak or unknown algorithm"},
        BadCase{"Ended",
                [](CertificateSpec& s) { s.not_after = kNow - absl::Hours(1); },
                "expired at 2025-12-31T23:00:00Z"},
        BadCase{
            "NotYet",
            [](CertificateSpec& s) { s.not_before = kNow + absl::Hours(1); },
            "not valid before"},
        BadCase{"UnknownCriticalExtension",
                [](CertificateSpec& s) {
                  s.extensions = {{"1.2.3.4", "critical,DER:0500"}};
                },
                "unknown critical"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadIssuingCaTest, RefusesWhatIsNoChain) {
  const TestingCertificate root = Root(CaSpec("Root"));
  std::string many;
  for (int i = 0; i < 11; ++i) absl::StrAppend(&many, root.pem());
  for (const std::string& pem :
       {std::string(), many, root.pem() + root.key_pem(),
        base::FormatPem({"CERTIFICATE", {}, "nothing"}),
        std::string(65 << 10, ' ')}) {
    EXPECT_THAT(ReadIssuingCa(pem, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::_));
  }
}

// Says so itself, but another key made its signature.
TEST(ReadIssuingCaTest, RefusesARootThatDidNotSignItself) {
  const TestingCertificate same_name = Root(CaSpec("Issuing"));
  const TestingCertificate forged = same_name.Issue(CaSpec("Issuing"));
  EXPECT_THAT(
      ReadIssuingCa(forged.pem(), kNow),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not its own")));
}

TEST(CheckSubjectTemplateTest, KnowsThreePlaceholders) {
  EXPECT_OK(CheckSubjectTemplate(
      "CN={common_name},OU={product},OU={operation},O=Example"));
  EXPECT_THAT(CheckSubjectTemplate("CN={name},O=Example"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("{common_name}, {operation}, {product}")));
  EXPECT_FALSE(CheckSubjectTemplate("O=Example").ok());
}

}  // namespace
}  // namespace countersign::auth
