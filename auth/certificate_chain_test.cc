#include "auth/certificate_chain.h"

#include <string>

#include "auth/testing_ca.h"
#include "base/error.h"
#include "base/pem.h"
#include "base/status_matchers.h"
#include "core/product.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

CertificateSpec Signer() {
  CertificateSpec spec;
  spec.name = {{"O", "Example"}, {"CN", "Release"}};
  spec.extended_key_usage = "codeSigning";
  return spec;
}

// Root, two intermediates, and a leaf for the key.
class CertificateChain : public testing::Test {
 protected:
  absl::StatusOr<core::CertificateChain> Check(const std::string& pem,
                                               absl::Time now = kNow) const {
    return CheckCertificateChain(pem, leaf_.spki(), now);
  }
  // A leaf for the same key that says `spec`.
  std::string Leaf(const CertificateSpec& spec) const {
    return inner_.IssueFor(leaf_.spki(), spec);
  }
  void ExpectRefused(const std::string& pem, const char* sentence) const {
    const auto chain = Check(pem);
    EXPECT_THAT(chain, StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr(sentence)));
    EXPECT_THAT(chain, HasReason("BAD_CERTIFICATE_CHAIN"));
  }
  void ExpectLeafRefused(const CertificateSpec& spec,
                         const char* sentence) const {
    ExpectRefused(Leaf(spec) + inner_.pem() + outer_.pem(), sentence);
  }

  const TestingCertificate root_ =
      TestingCertificate::SelfSigned(CaSpec("Root"));
  const TestingCertificate outer_ = root_.Issue(CaSpec("Outer"));
  const TestingCertificate inner_ = outer_.Issue(CaSpec("Inner"));
  const TestingCertificate leaf_ = inner_.Issue(Signer());
};

TEST_F(CertificateChain, TakesLeafThenIntermediates) {
  ASSERT_OK_AND_ASSIGN(const core::CertificateChain chain,
                       Check(leaf_.pem() + inner_.pem() + outer_.pem()));
  EXPECT_THAT(chain.certificates,
              ElementsAre(leaf_.der(), inner_.der(), outer_.der()));
  EXPECT_EQ(chain.not_after, Signer().not_after);
}

TEST_F(CertificateChain, TakesALeafAlone) { EXPECT_OK(Check(leaf_.pem())); }

TEST_F(CertificateChain, TakesTextBetweenBlocks) {
  EXPECT_OK(Check("subject=CN = Release\n" + leaf_.pem() + "\nissuer\n" +
                  inner_.pem()));
}

TEST_F(CertificateChain, TakesRsaKeys) {
  CertificateSpec spec = Signer();
  spec.key_type = "RSA2048";
  const TestingCertificate leaf = inner_.Issue(spec);
  EXPECT_OK(
      CheckCertificateChain(leaf.pem() + inner_.pem(), leaf.spki(), kNow));
}

TEST_F(CertificateChain, RefusesALeafThatDoesNotFitTheKey) {
  ExpectRefused(inner_.Issue(Signer()).pem() + inner_.pem(),
                "the leaf (certificate 1) does not fit the key");
}

TEST_F(CertificateChain, RefusesAChainWithTheLeafLast) {
  ExpectRefused(outer_.pem() + inner_.pem() + leaf_.pem(),
                "does not fit the key");
}

TEST_F(CertificateChain, RefusesIntermediatesOutOfOrder) {
  ExpectRefused(leaf_.pem() + outer_.pem() + inner_.pem(),
                "is out of order: its issuer is certificate 3 and must be "
                "number 2");
}

TEST_F(CertificateChain, RefusesAGap) {
  ExpectRefused(leaf_.pem() + outer_.pem(),
                "is issued by \"CN=Inner,O=Example\", which does not follow "
                "it; the next one is \"CN=Outer,O=Example\"");
}

TEST_F(CertificateChain, RefusesTheRoot) {
  ExpectRefused(leaf_.pem() + inner_.pem() + outer_.pem() + root_.pem(),
                "certificate 4 is self-signed, a root; leave the root out");
}

TEST_F(CertificateChain, RefusesACertificateTwice) {
  ExpectRefused(leaf_.pem() + inner_.pem() + inner_.pem(),
                "which does not follow it");
}

TEST_F(CertificateChain, RefusesANamesakeOfTheIssuer) {
  const TestingCertificate namesake = outer_.Issue(CaSpec("Inner"));
  ExpectRefused(leaf_.pem() + namesake.pem(),
                "has a signature that the key of certificate 2 did not make");
}

TEST_F(CertificateChain, RefusesASelfSignedLeaf) {
  const TestingCertificate own = TestingCertificate::SelfSigned(Signer());
  EXPECT_THAT(CheckCertificateChain(own.pem(), own.spki(), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is self-signed; have a CA issue it")));
}

TEST_F(CertificateChain, RefusesWhatIsExpired) {
  CertificateSpec spec = Signer();
  spec.not_after = kNow - absl::Seconds(1);
  ExpectLeafRefused(spec, "(certificate 1) expired at 2025-12-31T23:59:59Z");
  spec = Signer();
  spec.not_before = kNow + absl::Seconds(1);
  ExpectLeafRefused(spec, "is not valid before 2026-01-01T00:00:01Z");
  CertificateSpec ca = CaSpec("Old");
  ca.not_after = kNow - absl::Seconds(1);
  const TestingCertificate old = root_.Issue(ca);
  ExpectRefused(old.IssueFor(leaf_.spki(), Signer()) + old.pem(),
                "certificate 2 expired at");
}

TEST_F(CertificateChain, RefusesALeafForOtherUses) {
  CertificateSpec spec = Signer();
  for (const char* usage : {"", "serverAuth", "anyExtendedKeyUsage"}) {
    spec.extended_key_usage = usage;
    ExpectLeafRefused(spec, "is not for code signing");
  }
  spec = Signer();
  for (const char* usage : {"", "critical,keyEncipherment"}) {
    spec.key_usage = usage;
    ExpectLeafRefused(spec, "must have key usage digitalSignature");
  }
  spec = Signer();
  spec.ca = true;
  ExpectLeafRefused(spec, "is a CA's (CA:TRUE)");
}

TEST_F(CertificateChain, RefusesIntermediatesThatAreNoCas) {
  CertificateSpec spec = CaSpec("Inner");
  spec.ca = false;
  const TestingCertificate no_ca = root_.Issue(spec);
  ExpectRefused(no_ca.IssueFor(leaf_.spki(), Signer()) + no_ca.pem(),
                "certificate 2 is no CA's");
  for (const char* usage : {"", "critical,digitalSignature"}) {
    spec = CaSpec("Inner");
    spec.key_usage = usage;
    const TestingCertificate no_signer = root_.Issue(spec);
    ExpectRefused(no_signer.IssueFor(leaf_.spki(), Signer()) + no_signer.pem(),
                  "certificate 2 must have key usage keyCertSign");
  }
}

TEST_F(CertificateChain, RefusesATooLongPath) {
  CertificateSpec spec = CaSpec("Short");
  spec.path_length = 0;
  const TestingCertificate shallow = root_.Issue(spec);
  const TestingCertificate below = shallow.Issue(CaSpec("Below"));
  ExpectRefused(
      below.IssueFor(leaf_.spki(), Signer()) + below.pem() + shallow.pem(),
      "path length");
}

TEST_F(CertificateChain, RefusesWeakKeysAndHashes) {
  CertificateSpec spec = Signer();
  spec.hash = "SHA1";
  ExpectLeafRefused(spec, "is signed with a weak or unknown algorithm");
  spec = Signer();
  spec.key_type = "RSA1024";
  const TestingCertificate weak = inner_.Issue(spec);
  EXPECT_THAT(CheckCertificateChain(weak.pem(), weak.spki(), kNow),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has a weak key")));
}

TEST_F(CertificateChain, RefusesUnknownCriticalExtensions) {
  CertificateSpec spec = Signer();
  spec.extensions = {{"1.2.3.4", "critical,ASN1:NULL"}};
  ExpectLeafRefused(spec, "unknown critical extension");
}

TEST_F(CertificateChain, RefusesWhatIsNoChain) {
  ExpectRefused("", "the chain is empty");
  ExpectRefused("hello", "the chain is empty");
  ExpectRefused(leaf_.key_pem() + leaf_.pem(),
                "block 1 is PRIVATE KEY; only CERTIFICATE");
  ExpectRefused("-----BEGIN CERTIFICATE-----\n", "BEGIN without END");
  ExpectRefused(leaf_.pem() + base::FormatPem({"CERTIFICATE", {}, "x"}),
                "certificate 2 cannot be read");
  std::string many;
  for (int i = 0; i < 11; ++i) many += leaf_.pem();
  ExpectRefused(many, "at most 10");
  ExpectRefused(leaf_.pem() + std::string(65536, ' '), "more than 64 KiB");
}

TEST_F(CertificateChain, SaysWhichCertificate) {
  const absl::Status status = Check(leaf_.pem() + outer_.pem()).status();
  const auto details = base::GetErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->metadata.at("certificate"), "1");
}

}  // namespace
}  // namespace countersign::auth
