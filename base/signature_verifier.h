// Checks one signature over one digest (Ed25519: one message) against a public
// key, with OpenSSL. Used where a signature is released (server side) and where
// it is checked (client).
#ifndef COUNTERSIGN_BASE_SIGNATURE_VERIFIER_H_
#define COUNTERSIGN_BASE_SIGNATURE_VERIFIER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::base {

// kEd25519: pure Ed25519, over the message itself (RFC 8032 5.1).
enum class SignatureScheme { kRsaPkcs1, kRsaPss, kEcdsa, kEd25519 };

// kAsHash: as long as the hash (RFC 7518 3.5). kAny: signers choose.
enum class PssSalt { kAny, kAsHash };

// One key, scheme and hash, with one prepared context that is reused for each
// check. Thread-compatible: one instance for each thread.
class SignatureVerifier {
 public:
  // `hash` is "SHA256", "SHA384" or "SHA512"; "" for kEd25519. `salt` is
  // for PSS alone. INVALID_ARGUMENT where key and scheme do not fit.
  static absl::StatusOr<SignatureVerifier> Create(absl::string_view spki_der,
                                                  SignatureScheme scheme,
                                                  const std::string& hash,
                                                  PssSalt salt = PssSalt::kAny);

  // OK where `signature` (RSA: octets as long as the modulus; ECDSA: DER;
  // Ed25519: 64 octets) is good for `digest`, which is the whole message for
  // kEd25519; otherwise INVALID_ARGUMENT.
  absl::Status Verify(absl::string_view digest, absl::string_view signature);

 private:
  SignatureVerifier(EvpPkeyPtr key, EvpPkeyCtxPtr ctx)
      : key_(std::move(key)), ctx_(std::move(ctx)) {}

  absl::Status VerifyMessage(absl::string_view message,
                             absl::string_view signature);

  EvpPkeyPtr key_;
  EvpPkeyCtxPtr ctx_;  // null for kEd25519, which OpenSSL prepares each time
};

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_SIGNATURE_VERIFIER_H_
