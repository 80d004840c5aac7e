#include "client/sigstore/sigstore_key.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

absl::Status Unsupported(absl::string_view why) {
  return BadInput(
      "KEY_UNSUPPORTED",
      absl::StrCat(why,
                   ": cosign and skopeo would not verify it. Right is a "
                   "key P-256, P-384, P-521 (ECDSA) or RSA of 2048 bits "
                   "and more (RSASSA-PKCS1-V1_5), with SHA-256"));
}

// "prime256v1"; empty where the key names no curve.
std::string CurveOf(EVP_PKEY* key) {
  std::array<char, 64> name = {};
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) {
    return "";
  }
  return std::string(name.data(), size);
}

}  // namespace

absl::StatusOr<base::SignatureScheme> SigstoreScheme(
    absl::string_view spki_der) {
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key, base::ParseSpki(spki_der));
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(key.get());
      if (bits >= 2048) return base::SignatureScheme::kRsaPkcs1;
      return Unsupported(absl::StrCat("an RSA key of ", bits, " bits"));
    }
    case EVP_PKEY_EC: {
      const std::string curve = CurveOf(key.get());
      if (curve == "prime256v1" || curve == "secp384r1" ||
          curve == "secp521r1") {
        return base::SignatureScheme::kEcdsa;
      }
      return Unsupported(absl::StrCat("a key on the curve ", curve));
    }
    case EVP_PKEY_RSA_PSS:
      return Unsupported("a key for RSASSA-PSS");
    case EVP_PKEY_ED25519:
      // cosign would, but an HSM signs here what people saw: a digest.
      return Unsupported("an Ed25519 key, which signs no digest");
    default:
      return Unsupported("a key of an unknown kind");
  }
}

absl::StatusOr<std::vector<HashAlgorithm>> SigstoreHashes(
    absl::string_view spki_der) {
  RETURN_IF_ERROR(SigstoreScheme(spki_der).status());
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key, base::ParseSpki(spki_der));
  std::vector<HashAlgorithm> hashes{HashAlgorithm::kSha256};
  const std::string curve = CurveOf(key.get());
  if (curve == "secp384r1") hashes.push_back(HashAlgorithm::kSha384);
  if (curve == "secp521r1") hashes.push_back(HashAlgorithm::kSha512);
  return hashes;
}

}  // namespace countersign::client
