#include "client/sigstore/signature_check.h"

#include <string>

#include "base/file.h"
#include "base/status_matchers.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using testing::HasSubstr;

const char kPayload[] = "payload";

std::string Sign(EVP_PKEY* key, HashAlgorithm hash = HashAlgorithm::kSha256) {
  return SignDigest(key,
                    EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
                        ? base::SignatureScheme::kRsaPkcs1
                        : base::SignatureScheme::kEcdsa,
                    hash, HashOctets(hash, kPayload));
}

SigstoreTrust ByKey(EVP_PKEY* key) {
  SigstoreTrust trust;
  trust.spki_der = base::SpkiDer(key).value();
  trust.now = TestNow();
  return trust;
}

SigstoreTrust ByRoot() {
  SigstoreTrust trust;
  trust.roots = {SharedChain().root};
  trust.now = TestNow();
  return trust;
}

std::vector<std::string> Chain() {
  return {SharedChain().leaf, SharedChain().intermediate};
}

TEST(CheckSigstoreSignature, HoldsForTheKeyThatSigned) {
  const base::EvpPkeyPtr ec = MakeEcKey();
  const base::EvpPkeyPtr rsa = MakeRsaKey();
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(ec.get()), {}, ByKey(ec.get())),
      IsOkAndHolds(""));
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(rsa.get()), {}, ByKey(rsa.get())),
      IsOkAndHolds(""));
  EXPECT_THAT(
      CheckSigstoreSignature("other", Sign(ec.get()), {}, ByKey(ec.get())),
      HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(rsa.get()), {}, ByKey(ec.get())),
      HasReason("SIGNATURE_INVALID"));
  EXPECT_THAT(CheckSigstoreSignature(kPayload, "", {}, ByKey(ec.get())),
              HasReason("SIGNATURE_INVALID"));
}

TEST(CheckSigstoreSignature, TakesTheHashesOfCosign3) {
  const base::EvpPkeyPtr p384(EVP_EC_gen("P-384"));
  EXPECT_OK(CheckSigstoreSignature(kPayload,
                                   Sign(p384.get(), HashAlgorithm::kSha384), {},
                                   ByKey(p384.get())));
  const base::EvpPkeyPtr p256 = MakeEcKey();
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(p256.get(), HashAlgorithm::kSha384),
                             {}, ByKey(p256.get())),
      HasReason("SIGNATURE_INVALID"));
}

TEST(CheckSigstoreSignature, RefusesAKeyThatIsTooWeak) {
  const base::EvpPkeyPtr weak = MakeRsaKey(1024);
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(weak.get()), {}, ByKey(weak.get())),
      HasReason("KEY_UNSUPPORTED"));
}

TEST(CheckSigstoreSignature, FollowsTheCertificateToTheRoot) {
  const std::string signature = Sign(SharedChain().leaf_key.get());
  EXPECT_THAT(CheckSigstoreSignature(kPayload, signature, Chain(), ByRoot()),
              IsOkAndHolds(HasSubstr("CN=release")));
  EXPECT_THAT(CheckSigstoreSignature(kPayload, signature, {}, ByRoot()),
              HasReason("CERTIFICATE_UNTRUSTED"));
  EXPECT_THAT(CheckSigstoreSignature(kPayload, signature, {SharedChain().leaf},
                                     ByRoot()),
              HasReason("CERTIFICATE_UNTRUSTED"));
  SigstoreTrust later = ByRoot();
  later.now = TestNow() + absl::Hours(24 * 365);
  EXPECT_THAT(CheckSigstoreSignature(kPayload, signature, Chain(), later),
              HasReason("CERTIFICATE_UNTRUSTED"));
  const base::EvpPkeyPtr other = MakeRsaKey();
  EXPECT_THAT(
      CheckSigstoreSignature(kPayload, Sign(other.get()), Chain(), ByRoot()),
      HasReason("SIGNATURE_INVALID"));
}

TEST(CheckSigstoreSignature, WantsTheIdentityThatIsAskedFor) {
  SigstoreTrust trust = ByRoot();
  trust.identity = "https://ci.example.test";
  EXPECT_THAT(CheckSigstoreSignature(
                  kPayload, Sign(SharedChain().leaf_key.get()), Chain(), trust),
              HasReason("IDENTITY_MISMATCH"));
}

TEST(CheckSigstoreSignature, WantsBothWhereBothAreGiven) {
  SigstoreTrust trust = ByRoot();
  trust.spki_der = base::SpkiDer(SharedChain().leaf_key.get()).value();
  const std::string signature = Sign(SharedChain().leaf_key.get());
  EXPECT_OK(CheckSigstoreSignature(kPayload, signature, Chain(), trust));
  trust.spki_der = base::SpkiDer(MakeEcKey().get()).value();
  EXPECT_THAT(CheckSigstoreSignature(kPayload, signature, Chain(), trust),
              HasReason("SIGNATURE_INVALID"));
}

TEST(CheckSigstoreSignature, NeedsSomethingToTrust) {
  EXPECT_THAT(CheckSigstoreSignature(kPayload, "s", {}, SigstoreTrust()),
              HasReason("TRUST_MISSING"));
}

TEST(CheckSigstoreDigest, ChecksADigestAlone) {
  const base::EvpPkeyPtr ec = MakeEcKey();
  const std::string digest = HashOctets(HashAlgorithm::kSha256, kPayload);
  EXPECT_OK(CheckSigstoreDigest(digest, HashAlgorithm::kSha256, Sign(ec.get()),
                                {}, ByKey(ec.get())));
  EXPECT_THAT(CheckSigstoreDigest(std::string(32, 'x'), HashAlgorithm::kSha256,
                                  Sign(ec.get()), {}, ByKey(ec.get())),
              HasReason("SIGNATURE_INVALID"));
}

}  // namespace
}  // namespace countersign::client
