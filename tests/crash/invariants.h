// What must hold of a store after a crash, whatever the moment (design: no
// signature without a leaf, no leaf lost, one set of signatures, the tree
// verifies). Reads only.
#ifndef COUNTERSIGN_TESTS_CRASH_INVARIANTS_H_
#define COUNTERSIGN_TESTS_CRASH_INVARIANTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "audit/signed_note.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "tests/crash/journal.h"

namespace countersign::crash {

struct Findings {
  // Broken invariants, as sentences.
  std::vector<std::string> broken;
  // For comparison with a later look: no leaf may be lost or changed.
  std::vector<std::string> leaves;
  std::vector<core::SigningRequest> requests;
};

// `verifier` is the log's.
absl::StatusOr<Findings> Examine(core::Store& store, const Seen& seen,
                                 const audit::NoteVerifier& verifier);

}  // namespace countersign::crash

#endif  // COUNTERSIGN_TESTS_CRASH_INVARIANTS_H_
