// The message that cosign sends on standard input: hashed in pieces, whatever
// its size, and kept only where it is short enough to be looked at (payloads of
// images and attestations). Blocks on the stream. Called by kms_methods.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_KMS_MESSAGE_H_
#define COUNTERSIGN_CLIENT_PLUGINS_KMS_MESSAGE_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

struct KmsMessage {
  std::string digest;
  uint64_t size = 0;
  std::string kept;  // the whole message to 1 MiB; longer ones: empty
};

// `digest`: what the caller says it is. INVALID_ARGUMENT (DIGEST_MISMATCH)
// where the message has another one; a caller that sends no message is
// believed. Where `digest` is nullopt, that of the message, which may be empty.
absl::StatusOr<KmsMessage> ReadMessage(
    std::istream& in, HashAlgorithm hash,
    const std::optional<std::string>& digest);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_KMS_MESSAGE_H_
