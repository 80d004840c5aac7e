#include "auth/certificate_identity.h"

#include <functional>
#include <string>

#include "auth/testing_ca.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasCode;
using base::HasReason;
using base::StatusIs;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

const TestingCertificate& Ca() {
  static const TestingCertificate& ca = *new TestingCertificate(
      TestingCertificate::SelfSigned(CaSpec("Test CA")));
  return ca;
}

CertificateSpec Leaf() {
  CertificateSpec spec;
  spec.name = {{"O", "Example"}, {"CN", "Ann"}};
  return spec;
}

using Change = std::function<void(CertificateSpec&)>;
struct Case {
  const char* name;
  Change change;
  std::string want;  // the subject, or a part of the refusal
};

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

absl::StatusOr<CertificateIdentity> Identify(const Change& change) {
  CertificateSpec spec = Leaf();
  change(spec);
  return IdentifyCertificate(Ca().Issue(spec).pem(), kNow);
}

class Accepts : public testing::TestWithParam<Case> {};
TEST_P(Accepts, WithTheSubjectOfTheTable) {
  ASSERT_OK_AND_ASSIGN(const CertificateIdentity identity,
                       Identify(GetParam().change));
  EXPECT_EQ(identity.subject, GetParam().want);
  EXPECT_EQ(identity.issuer, "CN=Test CA,O=Example");
}

INSTANTIATE_TEST_SUITE_P(
    Table, Accepts,
    testing::ValuesIn<Case>({
        {"Spiffe", [](auto& s) { s.uris = {"spiffe://d/ci"}; },
         "spiffe://d/ci"},
        {"SpiffeBeforeEmail",
         [](auto& s) {
           s.uris = {"spiffe://d/ci"};
           s.emails = {"ann@d.org", "bob@d.org"};
         },
         "spiffe://d/ci"},
        {"SpiffeWithoutSubject",
         [](auto& s) {
           s.uris = {"spiffe://d/ci"};
           s.name = {};
         },
         "spiffe://d/ci"},
        {"Email", [](auto& s) { s.emails = {"Ann@D.org"}; }, "email:ann@d.org"},
        {"EmailBesideOtherUri",
         [](auto& s) {
           s.uris = {"tag:directory.example,2022:sid:1"};
           s.emails = {"ann@d.org"};
         },
         "email:ann@d.org"},
        {"EmailBesideDns",
         [](auto& s) {
           s.dns_names = {"x.d.org", "y.d.org"};
           s.emails = {"ann@d.org"};
         },
         "email:ann@d.org"},
        {"Subject", [](auto&) {}, "subject:CN=Ann,O=Example"},
        {"SubjectUtf8",
         [](auto& s) {
           s.name = {{"CN", "J\u00fcrgen \u674e"}};
         },
         "subject:CN=J\u00fcrgen \u674e"},
        {"SubjectEscaped",
         [](auto& s) {
           s.name = {{"O", "Acme, Inc."}, {"CN", "a\\b+c=d\"e<f>;#"}};
         },
         "subject:CN=a\\\\b\\+c=d\\\"e\\<f\\>\\;#,O=Acme\\, Inc."},
        {"SubjectForgedAttributeIsEscaped",
         [](auto& s) {
           s.name = {{"CN", "x,O=Acme"}};
         },
         "subject:CN=x\\,O=Acme"},
        {"SubjectBesideDns", [](auto& s) { s.dns_names = {"x.d.org"}; },
         "subject:CN=Ann,O=Example"},
        {"NoUses",
         [](auto& s) {
           s.key_usage = "";
           s.extended_key_usage = "";
         },
         "subject:CN=Ann,O=Example"},
        {"ClientAmongUses",
         [](auto& s) { s.extended_key_usage = "serverAuth,clientAuth"; },
         "subject:CN=Ann,O=Example"},
        {"LastSecond", [](auto& s) { s.not_after = kNow; },
         "subject:CN=Ann,O=Example"},
        {"FirstSecond", [](auto& s) { s.not_before = kNow; },
         "subject:CN=Ann,O=Example"},
    }),
    NameOf);

class Refuses : public testing::TestWithParam<Case> {};
TEST_P(Refuses, WithTheSentenceOfTheTable) {
  const auto identity = Identify(GetParam().change);
  EXPECT_THAT(identity, StatusIs(absl::StatusCode::kUnauthenticated,
                                 HasSubstr(GetParam().want)));
  EXPECT_THAT(identity, HasReason("UNKNOWN_IDENTITY"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refuses,
    testing::ValuesIn<Case>({
        {"TwoUris",
         [](auto& s) {
           s.uris = {"spiffe://d/ci", "spiffe://d/admin"};
         },
         "more than one URI name"},
        {"SpiffeAndOtherUri",
         [](auto& s) {
           s.uris = {"https://d/", "spiffe://d/admin"};
         },
         "more than one URI name"},
        {"SpiffeInCapitals", [](auto& s) { s.uris = {"SPIFFE://d/ci"}; },
         "not a SPIFFE ID"},
        {"SpiffeWithPort", [](auto& s) { s.uris = {"spiffe://d:1/ci"}; },
         "malformed trust domain"},
        {"SpiffeWithDots", [](auto& s) { s.uris = {"spiffe://d/a/../b"}; },
         "malformed path"},
        {"SpiffeEscaped", [](auto& s) { s.uris = {"spiffe://d/%61"}; },
         "malformed path"},
        {"SpiffeOfDomain", [](auto& s) { s.uris = {"spiffe://d"}; },
         "has no path"},
        {"SpiffeWithNul",
         [](auto& s) { s.uris = {std::string("spiffe://d/ci\0x", 15)}; },
         "other than visible ASCII"},
        {"OtherUriWithNul",
         [](auto& s) { s.uris = {std::string("tag:a\0b", 7)}; },
         "other than visible ASCII"},
        {"TwoEmails",
         [](auto& s) {
           s.emails = {"ann@d.org", "root@d.org"};
         },
         "more than one e-mail name"},
        {"EmailWithNul",
         [](auto& s) { s.emails = {std::string("ann@d.org\0.evil", 15)}; },
         "ann@d.org\\x00.evil"},
        {"EmailWithNewline", [](auto& s) { s.emails = {"ann@d.org\n"}; },
         "other than visible ASCII"},
        {"EmailOfOctets", [](auto& s) { s.emails = {"\xff@d.org"}; },
         "other than visible ASCII"},
        {"EmailWithoutAt", [](auto& s) { s.emails = {"ann"}; },
         "not an e-mail address"},
        {"EmailEmpty", [](auto& s) { s.emails = {""}; },
         "not an e-mail address"},
        {"NoName", [](auto& s) { s.name = {}; }, "no name"},
        {"SubjectWithNul",
         [](auto& s) {
           s.name = {{"CN", std::string("ann\0.evil", 9)}};
         },
         "control characters"},
        {"SubjectWithEscape",
         [](auto& s) {
           s.name = {{"CN", "ann\x1b[2K"}};
         },
         "control characters"},
        {"SubjectWithOverride",
         [](auto& s) {
           s.name = {{"CN", "ann\u202egro"}};
         },
         "control characters"},
        {"BadSubjectBesideSpiffe",
         [](auto& s) {
           s.name = {{"CN", "a\nb"}};
           s.uris = {"spiffe://d/ci"};
         },
         "control characters"},
        {"Expired", [](auto& s) { s.not_after = kNow - absl::Seconds(1); },
         "expired at 2025-12-31T23:59:59Z"},
        {"NotYet", [](auto& s) { s.not_before = kNow + absl::Seconds(1); },
         "not valid before 2026-01-01T00:00:01Z"},
        {"Ca",
         [](auto& s) {
           s.ca = true;
           s.key_usage = "digitalSignature,keyCertSign";
         },
         "a CA's certificate"},
        {"SigningCertificates",
         [](auto& s) { s.key_usage = "digitalSignature,keyCertSign"; },
         "key usage of a CA"},
        {"KeyUsage", [](auto& s) { s.key_usage = "keyEncipherment"; },
         "lacks digitalSignature"},
        {"ServersOnly", [](auto& s) { s.extended_key_usage = "serverAuth"; },
         "lacks clientAuth"},
        {"CriticalExtension",
         [](auto& s) {
           s.extensions = {{"1.2.3.4", "critical,ASN1:NULL"}};
         },
         "unknown critical extension"},
        {"BrokenAlternativeNames",
         [](auto& s) {
           s.extensions = {{"2.5.29.17", "DER:0401ff"}};
         },
         "malformed"},
        {"DoubledAlternativeNames",
         [](auto& s) {
           s.emails = {"ann@d.org"};
           s.extensions = {{"subjectAltName", "email:root@d.org"}};
         },
         "malformed"},
    }),
    NameOf);

TEST(CertificateIdentity, IsTheSameFromPemAndDer) {
  const TestingCertificate leaf = Ca().Issue(Leaf());
  ASSERT_OK_AND_ASSIGN(const CertificateIdentity pem,
                       IdentifyCertificate(leaf.pem(), kNow));
  ASSERT_OK_AND_ASSIGN(const CertificateIdentity der,
                       IdentifyCertificate(leaf.der(), kNow));
  EXPECT_EQ(pem, der);
  EXPECT_EQ(pem.fingerprint, base::HexEncode(base::Sha256(leaf.der())));
  EXPECT_EQ(pem.not_before, Leaf().not_before);
  EXPECT_EQ(pem.not_after, Leaf().not_after);
}

TEST(CertificateIdentity, RefusesWhatIsNoCertificate) {
  const TestingCertificate leaf = Ca().Issue(Leaf());
  for (const std::string& input :
       {std::string(), std::string("hello"), std::string("\x30", 1),
        leaf.der() + "x", leaf.der().substr(0, leaf.der().size() - 1),
        leaf.pem() + Ca().pem(), leaf.key_pem(), std::string(65537, '0'),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END "
                    "CERTIFICATE-----\n")}) {
    EXPECT_THAT(IdentifyCertificate(input, kNow),
                HasCode(absl::StatusCode::kUnauthenticated));
  }
}

TEST(CertificateIdentity, RefusesASubjectThatIsNoUtf8) {
  CertificateSpec spec = Leaf();
  spec.name = {{"CN", "QQQQ"}};
  std::string der = Ca().Issue(spec).der();
  der.replace(der.find("QQQQ"), 4, "\xff\xff\xff\xff");
  EXPECT_THAT(IdentifyCertificate(der, kNow), HasReason("UNKNOWN_IDENTITY"));
}

// Not a proof, but what a fuzzer would try first: no octet of a certificate may
// crash the reader.
TEST(CertificateIdentity, SurvivesEveryDamagedOctet) {
  CertificateSpec spec = Leaf();
  spec.uris = {"spiffe://d/ci"};
  const std::string der = Ca().Issue(spec).der();
  for (size_t i = 0; i < der.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = der;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto identity = IdentifyCertificate(damaged, kNow);
      if (!identity.ok()) {
        EXPECT_THAT(identity, HasReason("UNKNOWN_IDENTITY"));
      }
    }
    EXPECT_FALSE(IdentifyCertificate(der.substr(0, i), kNow).ok());
  }
}

}  // namespace
}  // namespace countersign::auth
