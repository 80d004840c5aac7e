// The checkpoint of a log (C2SP tlog-checkpoint v1.0.0): origin, size and root,
// as the text of a signed note. Pure.
#ifndef COUNTERSIGN_AUDIT_CHECKPOINT_H_
#define COUNTERSIGN_AUDIT_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/signed_note.h"

namespace countersign::audit {

struct Checkpoint {
  std::string origin;  // "signer.example/audit"; never changes for a log
  uint64_t size = 0;
  std::string root;                     // 32 octets
  std::vector<std::string> extensions;  // further lines; ours has none

  bool operator==(const Checkpoint& o) const {
    return origin == o.origin && size == o.size && root == o.root &&
           extensions == o.extensions;
  }
};

// The text of the note.
std::string FormatCheckpoint(const Checkpoint& checkpoint);
// INVALID_ARGUMENT, reason BAD_CHECKPOINT.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);

// The checkpoint of a note that `verifier` signed and whose origin is its name.
// INVALID_ARGUMENT: as OpenNote, BAD_CHECKPOINT, WRONG_ORIGIN.
absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          const NoteVerifier& verifier);

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_CHECKPOINT_H_
