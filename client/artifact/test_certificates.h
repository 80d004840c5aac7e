// Keys and certificates made in memory for the tests of this room. Tests only.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_TEST_CERTIFICATES_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_TEST_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"
#include "base/signature_verifier.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

// The time at which certificates are good unless they say otherwise.
absl::Time TestNow();

base::EvpPkeyPtr MakeRsaKey(int bits = 2048);
base::EvpPkeyPtr MakeEcKey();  // P-256
std::string PublicKeyPem(EVP_PKEY* key);

struct CertificateSpec {
  std::string common_name;
  bool ca = false;
  bool basic_constraints = true;
  std::string extended_key_usage;  // "codeSigning"; empty: no extension
  std::string key_usage;           // "digitalSignature"; empty: no extension
  absl::Time not_before = TestNow() - absl::Hours(24);
  absl::Time not_after = TestNow() + absl::Hours(24);
};

// DER. `issuer` nullptr: self-signed with `issuer_key`.
std::string MakeCertificate(const CertificateSpec& spec, EVP_PKEY* subject_key,
                            const std::string* issuer, EVP_PKEY* issuer_key);

// Root, intermediate and leaf as the recipe wants them. Made once for a test
// process; the keys are never changed.
struct TestChain {
  base::EvpPkeyPtr root_key;
  base::EvpPkeyPtr intermediate_key;
  base::EvpPkeyPtr leaf_key;
  std::string root;
  std::string intermediate;
  std::string leaf;  // common name "release"
};
const TestChain& SharedChain();

std::string CertificatePem(const std::vector<std::string>& certificates);

// A signature over a digest; `salt` for PSS: RSA_PSS_SALTLEN_DIGEST or _MAX.
std::string SignDigest(EVP_PKEY* key, base::SignatureScheme scheme,
                       HashAlgorithm hash, absl::string_view digest,
                       int salt = RSA_PSS_SALTLEN_DIGEST);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_TEST_CERTIFICATES_H_
