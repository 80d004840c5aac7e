#include "auth/token_signature.h"

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/signature_verifier.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

using base::SignatureScheme;

absl::Status Bad(absl::string_view why) {
  return core::error::TokenRefused("TOKEN_SIGNATURE", why);
}

size_t FieldOctets(TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::kEs256   ? 32
         : algorithm == TokenAlgorithm::kEs384 ? 48
                                               : 66;
}

base::BignumPtr Number(absl::string_view octets) {
  return base::BignumPtr(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(octets.data()),
                static_cast<int>(octets.size()), nullptr));
}

// r and s as the Ecdsa-Sig-Value of RFC 3279 2.2.3. Empty on failure.
std::string Der(absl::string_view signature) {
  const base::EcdsaSigPtr parsed(ECDSA_SIG_new());
  base::BignumPtr r = Number(signature.substr(0, signature.size() / 2));
  base::BignumPtr s = Number(signature.substr(signature.size() / 2));
  if (parsed == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(parsed.get(), r.get(), s.get()) != 1) {
    return "";
  }
  r.release();
  s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parsed.get(), &der);
  if (size <= 0) return "";
  const base::OpensslString owner(reinterpret_cast<char*>(der));
  return std::string(owner.get(), static_cast<size_t>(size));
}

}  // namespace

absl::Status CheckTokenSignature(absl::string_view signing_input,
                                 absl::string_view signature,
                                 const IssuerKey& key,
                                 TokenAlgorithm algorithm) {
  const SignatureScheme scheme = SchemeOf(algorithm);
  std::string octets(signature);
  if (scheme == SignatureScheme::kEcdsa) {
    if (signature.size() != 2 * FieldOctets(algorithm)) {
      return Bad(absl::StrCat("its signature has ", signature.size(),
                              " octets; of ", ToString(algorithm),
                              " there are ", 2 * FieldOctets(algorithm)));
    }
    octets = Der(signature);
  }
  const std::string hash = HashOf(algorithm);
  absl::StatusOr<base::SignatureVerifier> verifier =
      base::SignatureVerifier::Create(key.spki, scheme, hash,
                                      base::PssSalt::kAsHash);
  const std::string digest = hash.empty()
                                 ? std::string(signing_input)
                                 : base::Digest(hash.c_str(), signing_input);
  if (!verifier.ok() || !verifier->Verify(digest, octets).ok()) {
    return Bad("its signature is not of its issuer's key");
  }
  return absl::OkStatus();
}

}  // namespace countersign::auth
