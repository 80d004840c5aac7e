// The key that signs checkpoints: an Ed25519 private key in a PKCS#8 PEM file
// that its owner alone can read. Called once, at start.
#ifndef COUNTERSIGN_AUDIT_LOG_KEY_H_
#define COUNTERSIGN_AUDIT_LOG_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/signed_note.h"

namespace countersign::audit {

// Made by: openssl genpkey -algorithm ed25519 -out FILE. The log's origin is
// the key's name. The file's rules are those of base::ReadSecretText;
// INVALID_ARGUMENT where it holds no Ed25519 private key, or an encrypted one.
absl::StatusOr<NoteSigner> LoadLogKey(const std::string& path,
                                      absl::string_view origin);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_LOG_KEY_H_
