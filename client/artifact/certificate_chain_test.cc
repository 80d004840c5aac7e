#include "client/artifact/certificate_chain.h"

#include <string>
#include <vector>

#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::StrEq;

auto IsUntrusted(const std::string& why) {
  return AllOf(HasReason("CERTIFICATE_UNTRUSTED"),
               StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
}

// A leaf of the shared intermediate, with one thing about it changed.
std::string Leaf(const CertificateSpec& spec) {
  const TestChain& chain = SharedChain();
  return MakeCertificate(spec, chain.leaf_key.get(), &chain.intermediate,
                         chain.intermediate_key.get());
}

CertificateSpec GoodLeaf() {
  CertificateSpec spec;
  spec.common_name = "release";
  spec.extended_key_usage = "codeSigning";
  return spec;
}

absl::Status Check(const std::string& leaf, absl::Time now = TestNow()) {
  const TestChain& chain = SharedChain();
  return CheckCertificateChain({leaf, chain.intermediate}, {chain.root}, now);
}

TEST(CheckCertificateChain, TakesTheRecipe) {
  EXPECT_OK(Check(SharedChain().leaf));
}

TEST(CheckCertificateChain, TakesIntermediatesAmongTheRootsOrInAnyOrder) {
  const TestChain& chain = SharedChain();
  EXPECT_OK(CheckCertificateChain({chain.leaf},
                                  {chain.intermediate, chain.root}, TestNow()));
  EXPECT_OK(CheckCertificateChain({chain.leaf, chain.root, chain.intermediate},
                                  {chain.root}, TestNow()));
}

TEST(CheckCertificateChain, RefusesAnUnknownRoot) {
  const TestChain& chain = SharedChain();
  CertificateSpec spec;
  spec.common_name = "Test Root";  // the name alone does not help
  spec.ca = true;
  const base::EvpPkeyPtr key = MakeRsaKey();
  const std::string other =
      MakeCertificate(spec, key.get(), nullptr, key.get());
  EXPECT_THAT(CheckCertificateChain({chain.leaf, chain.intermediate}, {other},
                                    TestNow()),
              IsUntrusted("signature failure"));
}

TEST(CheckCertificateChain, DoesNotTrustARootForBeingInTheSignature) {
  const TestChain& chain = SharedChain();
  EXPECT_THAT(CheckCertificateChain(
                  {chain.leaf, chain.intermediate, chain.root}, {}, TestNow()),
              HasReason("CERTIFICATE_UNTRUSTED"));
}

TEST(CheckCertificateChain, RefusesAMissingIntermediate) {
  const TestChain& chain = SharedChain();
  EXPECT_THAT(CheckCertificateChain({chain.leaf}, {chain.root}, TestNow()),
              IsUntrusted("unable to get local issuer certificate"));
  EXPECT_THAT(CheckCertificateChain({}, {chain.root}, TestNow()),
              IsUntrusted("no certificate"));
}

TEST(CheckCertificateChain, RefusesAnIntermediateAsTheOnlyAnchor) {
  const TestChain& chain = SharedChain();
  EXPECT_THAT(
      CheckCertificateChain({chain.leaf}, {chain.intermediate}, TestNow()),
      HasReason("CERTIFICATE_UNTRUSTED"));
}

TEST(CheckCertificateChain, RefusesExpiredAndNotYetValid) {
  EXPECT_THAT(Check(SharedChain().leaf, TestNow() + absl::Hours(25)),
              IsUntrusted("expired"));
  EXPECT_THAT(Check(SharedChain().leaf, TestNow() - absl::Hours(25)),
              IsUntrusted("not yet valid"));
  CertificateSpec spec = GoodLeaf();
  spec.not_after = TestNow() - absl::Seconds(1);
  EXPECT_THAT(Check(Leaf(spec)), IsUntrusted("expired"));
}

TEST(CheckCertificateChain, FollowsGosRuleForExtendedKeyUsage) {
  CertificateSpec spec = GoodLeaf();
  spec.extended_key_usage = "";
  EXPECT_OK(Check(Leaf(spec)));
  spec.extended_key_usage = "anyExtendedKeyUsage";
  EXPECT_OK(Check(Leaf(spec)));
  spec.extended_key_usage = "serverAuth,codeSigning";
  EXPECT_OK(Check(Leaf(spec)));
  spec.extended_key_usage = "serverAuth";
  EXPECT_THAT(Check(Leaf(spec)), IsUntrusted("does not list codeSigning"));
}

TEST(CheckCertificateChain, WantsCodeSigningOnTheWholeWay) {
  const TestChain& chain = SharedChain();
  CertificateSpec spec;
  spec.common_name = "TLS CA";
  spec.ca = true;
  spec.extended_key_usage = "serverAuth";
  const std::string ca = MakeCertificate(spec, chain.intermediate_key.get(),
                                         &chain.root, chain.root_key.get());
  const std::string leaf = MakeCertificate(GoodLeaf(), chain.leaf_key.get(),
                                           &ca, chain.intermediate_key.get());
  EXPECT_THAT(CheckCertificateChain({leaf, ca}, {chain.root}, TestNow()),
              IsUntrusted("does not list codeSigning"));
}

TEST(CheckCertificateChain, RefusesALeafAsIssuer) {
  const TestChain& chain = SharedChain();
  for (const bool basic_constraints : {true, false}) {
    CertificateSpec spec;
    spec.common_name = "No CA";
    spec.basic_constraints = basic_constraints;
    const std::string no_ca = MakeCertificate(
        spec, chain.intermediate_key.get(), &chain.root, chain.root_key.get());
    const std::string leaf = MakeCertificate(
        GoodLeaf(), chain.leaf_key.get(), &no_ca, chain.intermediate_key.get());
    EXPECT_THAT(CheckCertificateChain({leaf, no_ca}, {chain.root}, TestNow()),
                HasReason("CERTIFICATE_UNTRUSTED"));
  }
}

TEST(CheckCertificateChain, RefusesALeafWithoutDigitalSignature) {
  CertificateSpec spec = GoodLeaf();
  spec.key_usage = "critical,keyEncipherment";
  EXPECT_THAT(Check(Leaf(spec)), IsUntrusted("does not list digitalSignature"));
}

TEST(CheckCertificateChain, RefusesAChangedLeaf) {
  std::string leaf = SharedChain().leaf;
  leaf.back() ^= 1;
  EXPECT_THAT(Check(leaf), IsUntrusted("signature failure"));
}

TEST(ReadCertificates, ReadsAllAndSkipsTheRest) {
  const TestChain& chain = SharedChain();
  EXPECT_THAT(ReadCertificates("text\n" + CertificatePem({chain.leaf}) +
                               PublicKeyPem(chain.leaf_key.get()) +
                               CertificatePem({chain.root})),
              IsOkAndHolds(testing::ElementsAre(chain.leaf, chain.root)));
}

TEST(ReadCertificates, RefusesNoneAndBrokenOnes) {
  EXPECT_THAT(ReadCertificates(""), HasReason("CERTIFICATES_UNREADABLE"));
  EXPECT_THAT(ReadCertificates(PublicKeyPem(SharedChain().leaf_key.get())),
              HasReason("CERTIFICATES_UNREADABLE"));
  EXPECT_THAT(ReadCertificates(CertificatePem({"no certificate"})),
              HasReason("CERTIFICATES_UNREADABLE"));
  EXPECT_THAT(ReadCertificates("-----BEGIN CERTIFICATE-----\n"),
              HasReason("CERTIFICATES_UNREADABLE"));
}

TEST(Certificate, TellsItsNamesAndItsSelfSignature) {
  const TestChain& chain = SharedChain();
  EXPECT_THAT(CertificateSubject(chain.leaf),
              IsOkAndHolds(StrEq("CN=release")));
  EXPECT_THAT(CertificateCommonName(chain.root),
              IsOkAndHolds(StrEq("Test Root")));
  EXPECT_TRUE(IsSelfSigned(chain.root));
  EXPECT_FALSE(IsSelfSigned(chain.leaf));
  EXPECT_FALSE(IsSelfSigned("nothing"));
}

}  // namespace
}  // namespace countersign::client
