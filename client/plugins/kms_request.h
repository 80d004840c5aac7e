// One call of the sigstore KMS plugin protocol v1, as cosign makes it: the
// first argument is the protocol's version, the second one JSON text. Reading
// only; what is done about it is kms_methods.h. Pure. Called by kms_plugin.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_KMS_REQUEST_H_
#define COUNTERSIGN_CLIENT_PLUGINS_KMS_REQUEST_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/artifact/hash_algorithm.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

enum class KmsMethod {
  kCreateKey,
  kDefaultAlgorithm,
  kPublicKey,
  kSignMessage,
  kSupportedAlgorithms,
  kVerifySignature,
};

struct KmsRequest {
  KmsMethod method = KmsMethod::kPublicKey;
  std::string key_reference;  // what stands after "countersign://"
  // The earliest that the caller names.
  absl::Time deadline = absl::InfiniteFuture();
  // Go's crypto.Hash: 5 SHA-256, 6 SHA-384, 7 SHA-512. Of the plugin's start;
  // cosign says 5 whatever the key is.
  int64_t init_hash = 5;
  // signMessage, verifySignature: nullopt where the message is to be hashed.
  std::optional<std::string> digest;
  std::optional<int64_t> message_hash;
  std::string signature;  // verifySignature: octets
};

// INVALID_ARGUMENT (KMS_PROTOCOL) names the member that is wrong. Members that
// are not known are passed over: newer callers may have more.
absl::StatusOr<KmsRequest> ParseKmsRequest(absl::string_view version,
                                           absl::string_view text);

// The hash that the digest was made with, or that stdin has to be hashed with:
// by the digest's length, since cosign 3 sends the digest of the key's own hash
// and does not say so. INVALID_ARGUMENT (HASH_CONFLICT, HASH_UNKNOWN).
absl::StatusOr<HashAlgorithm> HashOf(const KmsRequest& request);

// INVALID_ARGUMENT (SIGNATURE_NOT_VERIFIABLE) for pairs whose signatures cosign
// and its kin do not verify with their defaults, with what to do instead.
absl::Status CheckVerifiable(v1::KeyType key, HashAlgorithm hash);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_KMS_REQUEST_H_
