// Errors of this room, by reason. Most are about what a user's file holds, so
// their code is INVALID_ARGUMENT. Called by everything in this room. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_ARTIFACT_ERROR_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_ARTIFACT_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/error.h"

namespace countersign::client {

absl::Status ArtifactError(absl::StatusCode code, absl::string_view reason,
                           absl::string_view message);

// INVALID_ARGUMENT.
inline absl::Status BadInput(absl::string_view reason,
                             absl::string_view message) {
  return ArtifactError(absl::StatusCode::kInvalidArgument, reason, message);
}

// INVALID_ARGUMENT that lists all `violations`, the first ten in the message.
absl::Status BadFields(absl::string_view reason, absl::string_view context,
                       const std::vector<base::FieldViolation>& violations);

// `text` quoted and safe to show, cut after 64 octets.
std::string Quoted(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_ARTIFACT_ERROR_H_
