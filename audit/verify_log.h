// Checks a whole log as an auditor holds it: every leaf, one signed checkpoint
// and the verifier key. Needs no server. Used by the client and by tests. Pure.
#ifndef COUNTERSIGN_AUDIT_VERIFY_LOG_H_
#define COUNTERSIGN_AUDIT_VERIFY_LOG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/checkpoint.h"
#include "audit/merkle_tree.h"
#include "audit/signed_note.h"

namespace countersign::audit {

struct LogReport {
  Checkpoint checkpoint;
  uint64_t leaves = 0;     // that were given
  uint64_t uncovered = 0;  // of them, after the checkpoint
  // What is wrong, as sentences; at most kMaxFindings of them.
  std::vector<std::string> findings;

  bool ok() const { return findings.empty(); }
};

// Takes leaves one by one, so that a log need not fit into memory.
class LogVerifier {
 public:
  static constexpr size_t kMaxFindings = 100;

  // INVALID_ARGUMENT where the note is no checkpoint that `verifier` signed.
  static absl::StatusOr<LogVerifier> Create(absl::string_view checkpoint_note,
                                            const NoteVerifier& verifier);

  // Numbers must come as 0, 1, 2, ...; each leaf must be canonical JSON.
  void Add(uint64_t number, absl::string_view bytes);
  LogReport Finish() &&;

 private:
  explicit LogVerifier(Checkpoint checkpoint);
  void Find(std::string finding);

  RootBuilder builder_;
  LogReport report_;
};

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_VERIFY_LOG_H_
