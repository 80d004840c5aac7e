// A signature as somebody has it in a file: PEM with certificates, raw octets,
// or their base64, told apart by the octets. Called by the verify commands.
// Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGNATURE_INPUT_H_
#define COUNTERSIGN_CLIENT_CLI_SIGNATURE_INPUT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/signature_verifier.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

struct SignatureInput {
  DetachedSignature signature;
  // A PEM block names its algorithm; octets do not.
  bool names_algorithm = false;
};

// INVALID_ARGUMENT (SIGNATURE_UNREADABLE).
absl::StatusOr<SignatureInput> ReadSignature(absl::string_view octets);

// What it is checked with; PEM text, either may be empty but not both.
struct Trust {
  std::string public_key_pem;
  std::string roots_pem;
  std::optional<base::SignatureScheme> scheme;  // nullopt: what fits
  absl::Time now;
};

// What was signed.
struct SignedContent {
  std::string octets;                           // digest, or the message
  HashAlgorithm hash = HashAlgorithm::kSha256;  // of a digest
  bool message = false;
};

// By what the signature was made: its own word, else that of `trust`, else what
// fits the key. kEd25519 is over the message, all others over a digest.
// INVALID_ARGUMENT as ReadPublicKey.
absl::StatusOr<base::SignatureScheme> SchemeToVerify(
    const SignatureInput& input, const Trust& trust);

// OK, with the signer's subject (empty for a bare key), where everything that
// `trust` asks for holds. ECDSA octets are taken in both forms, DER and fixed
// width. INVALID_ARGUMENT: SIGNATURE_INVALID, DIGEST_NOT_POSSIBLE (ED25519, and
// only a digest is there), CERTIFICATE_UNTRUSTED, TRUST_MISSING and the reasons
// of what is read.
absl::StatusOr<std::string> VerifySignature(const SignatureInput& input,
                                            const SignedContent& content,
                                            const Trust& trust);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGNATURE_INPUT_H_
