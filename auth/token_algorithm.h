// The signature algorithms that tokens may have (RFC 7518 3.1, RFC 8037 3.1):
// RSA, ECDSA and Ed25519. There is no "none" and no HMAC here, so none can be
// configured. Pure.
#ifndef COUNTERSIGN_AUTH_TOKEN_ALGORITHM_H_
#define COUNTERSIGN_AUTH_TOKEN_ALGORITHM_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"

namespace countersign::auth {

enum class TokenAlgorithm {
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,  // Ed25519
};

// "RS256"; exact, case included.
absl::string_view ToString(TokenAlgorithm algorithm);
std::optional<TokenAlgorithm> ParseTokenAlgorithm(absl::string_view text);
// All of them, in the order above: for messages.
std::vector<TokenAlgorithm> AllTokenAlgorithms();

base::SignatureScheme SchemeOf(TokenAlgorithm algorithm);
// "SHA256"; "" for kEdDsa, which signs the message itself.
std::string HashOf(TokenAlgorithm algorithm);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TOKEN_ALGORITHM_H_
