// The key that is answered for: fetched once, and every signature is checked
// with it before it is handed out or written. Blocks on the server. Called by
// the sign commands and by both plugins.
#ifndef COUNTERSIGN_CLIENT_CLI_PINNED_KEY_H_
#define COUNTERSIGN_CLIENT_CLI_PINNED_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/api/connection.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

struct PinnedKey {
  std::string operation;    // products/p/operations/o
  std::string key_version;  // .../keyVersions/1
  v1::KeyType type = v1::KEY_TYPE_UNSPECIFIED;
  std::string spki_der;
  std::string spki_sha256;  // lower-case hex
  std::string pem;          // PUBLIC KEY
  std::string chain_pem;    // empty: a bare key
};

// `reference` is an operation (then its signing key) or a key version, whole
// name or short. INVALID_ARGUMENT (MALFORMED_NAME) and the server's errors;
// DATA_LOSS (KEY_DAMAGED) where the key is not the one that its digest names.
absl::StatusOr<PinnedKey> FetchKey(Connection& connection,
                                   absl::string_view reference);

// FAILED_PRECONDITION (KEY_NOT_SIGNING) where `key` was named by its version
// and the operation signs with another one by now.
absl::Status CheckSignsNow(Connection& connection, const PinnedKey& key,
                           absl::string_view reference);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PINNED_KEY_H_
