#include "client/artifact/public_key.h"

#include <string>

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/test_certificates.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

// A published signature of OCM's compatibility tests, with its key in the
// PKCS #1 form.
constexpr char kPublishedKey[] =
    "-----BEGIN RSA PUBLIC KEY-----\n"
    "MIIBCgKCAQEA1Xd/gl1zLmz+KW3/A6fLOY3zQnfnsK+aDjGMxt54GApuB9E+bxXO\n"
    "3zrwxIkDEl7L2R8uKJaQNDnFH1QdyHeH8B70WObOcq07S7irW0O8yC/RQjX6x07m\n"
    "5Tlvt9Rprsmqs+rIjKqFLIpDb+3a+/rXrhMPgFissoo3u4LskYVjCCWCdGhY+FFK\n"
    "f0BQ2tI6DRWUd7V8n7m+uqa3enYVxnvHQ+zTT9yXSdjA/gq0dFUUhYavOa8UDEir\n"
    "gaAvThvQLdkdXPJUC1qXre+BqXVW8RqpqKGpl/qxPy3Kc7D2AQEvNlqmNQ0Eie+8\n"
    "gxD7ioq5M/RUJyfzl7T1F+I16Cd/uz9G+wIDAQAB\n"
    "-----END RSA PUBLIC KEY-----\n";
constexpr char kPublishedDigest[] =
    "b06e4c1a68274b876661f9fbf1f100526d289745f6ee847bfef702007b5b14cf";
constexpr char kPublishedSignature[] =
    "4447c988ecb26352019bdfd5b3e69005eff685ed1ff699f937091ecad6a3bc21"
    "56f8d3e9cb3ba3b9d7ea203a5e7a3af5dcb756553fad33b159134cd306ff0725"
    "44fe6dd991bc51b3ff5de8dcd3d0a401e768523545c5e343c5010073570975dc"
    "aa15217b1338810983b68fb4eb878ad26a1c6c3bc441b0f2029cab6b2a352ae4"
    "0c979b6098a1a880a2ea0e4747c7f88863c4c91543bf457b0f3a396334e4f615"
    "5075fc46b8d45cfa34171108c42bc1f779a03bc0844bf91d50d2b6eeba71806a"
    "34d18230b911e80871a544d2b499c20d170e8a2b86f85a799b60cf540925425f"
    "5f6ff8ef36d8b63dfe0ffd82e635faa5be2a58e5078925d66e494d43fa10948e";

TEST(ReadPublicKey, ReadsAPublishedPkcs1KeyThatVerifiesItsSignature) {
  ASSERT_OK_AND_ASSIGN(const std::string spki, ReadPublicKey(kPublishedKey));
  ASSERT_OK_AND_ASSIGN(std::string digest, base::HexDecode(kPublishedDigest));
  ASSERT_OK_AND_ASSIGN(const std::string signature,
                       base::HexDecode(kPublishedSignature));
  EXPECT_OK(VerifyRawSignature(signature, digest, HashAlgorithm::kSha256,
                               base::SignatureScheme::kRsaPkcs1, spki));
  digest[0] ^= 1;
  EXPECT_THAT(VerifyRawSignature(signature, digest, HashAlgorithm::kSha256,
                                 base::SignatureScheme::kRsaPkcs1, spki),
              HasReason("SIGNATURE_INVALID"));
}

TEST(ReadPublicKey, ReadsSpkiAndCertificateAlike) {
  const TestChain& chain = SharedChain();
  ASSERT_OK_AND_ASSIGN(const std::string want,
                       base::SpkiDer(chain.leaf_key.get()));
  EXPECT_THAT(ReadPublicKey(PublicKeyPem(chain.leaf_key.get())),
              IsOkAndHolds(want));
  EXPECT_THAT(ReadPublicKey(CertificatePem({chain.leaf, chain.root})),
              IsOkAndHolds(want));
}

TEST(ReadPublicKey, ReadsEllipticCurveKeys) {
  const base::EvpPkeyPtr key = MakeEcKey();
  ASSERT_OK_AND_ASSIGN(const std::string want, base::SpkiDer(key.get()));
  EXPECT_THAT(ReadPublicKey(PublicKeyPem(key.get())), IsOkAndHolds(want));
}

TEST(ReadPublicKey, RefusesOtherTexts) {
  for (const char* text :
       {"", "words", "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC "
        "KEY-----\n",
        "-----BEGIN X-----\nAAAA\n-----END X-----\n"}) {
    EXPECT_THAT(ReadPublicKey(text), HasReason("PUBLIC_KEY_UNREADABLE"))
        << text;
  }
}

TEST(ReadPublicKey, RefusesAPrivateKeyByName) {
  EXPECT_THAT(
      ReadPublicKey("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE "
                    "KEY-----\n"),
      base::StatusIs(absl::StatusCode::kInvalidArgument,
                     testing::HasSubstr("a EC PRIVATE KEY where a public")));
}

}  // namespace
}  // namespace countersign::client
