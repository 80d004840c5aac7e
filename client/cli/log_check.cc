#include "client/cli/log_check.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audit/checkpoint.h"
#include "audit/proofs.h"
#include "audit/signed_note.h"
#include "audit/verify_log.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

absl::Status NotVerified(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kDataLoss,
                         absl::StrCat("the log does not verify: ", why),
                         Because("LOG_NOT_VERIFIED"));
}

// `status` of a check as a failure of the log.
absl::Status AsNotVerified(const absl::Status& status, const char* what) {
  return NotVerified(absl::StrCat(what, ": ", status.message()));
}

absl::Status CheckPrevious(AuditClient& client,
                           const audit::NoteVerifier& verifier,
                           const std::string& previous,
                           const audit::Checkpoint& now, LogCheck& check) {
  const auto before = audit::OpenCheckpoint(previous, verifier);
  if (!before.ok()) {
    return AsNotVerified(before.status(), "the previous checkpoint");
  }
  check.previous_size = before->size;
  if (before->size > now.size) {
    return NotVerified(absl::StrCat("it has ", now.size,
                                    " leaves, fewer than the ", before->size,
                                    " of the previous checkpoint"));
  }
  // Of an empty tree everything is a continuation.
  if (before->size == 0) return absl::OkStatus();
  std::vector<std::string> hashes;
  if (before->size < now.size) {
    ASSIGN_OR_RETURN(
        const v1::ConsistencyProof proof,
        client.GetConsistencyProof(static_cast<int64_t>(before->size),
                                   static_cast<int64_t>(now.size)));
    hashes.assign(proof.hashes().begin(), proof.hashes().end());
  }
  const absl::Status consistent = audit::VerifyConsistency(
      before->size, before->root, now.size, now.root, hashes);
  if (consistent.ok()) return absl::OkStatus();
  return AsNotVerified(consistent,
                       "it is no continuation of the previous checkpoint");
}

}  // namespace

absl::StatusOr<LogCheck> CheckLog(AuditClient& client, const std::string& key,
                                  const std::string& previous) {
  ASSIGN_OR_RETURN(const v1::Checkpoint checkpoint, client.GetCheckpoint());
  LogCheck check;
  check.verifier_key = std::string(absl::StripAsciiWhitespace(
      key.empty() ? checkpoint.verifier_key() : key));
  ASSIGN_OR_RETURN(const audit::NoteVerifier verifier,
                   audit::NoteVerifier::Parse(check.verifier_key));
  auto log = audit::LogVerifier::Create(checkpoint.note(), verifier);
  if (!log.ok()) return AsNotVerified(log.status(), "the checkpoint");
  RETURN_IF_ERROR(client.ListEvents({}, [&log](const v1::Event& event) {
    log->Add(static_cast<uint64_t>(event.leaf_index()), event.leaf());
    return true;
  }));
  const audit::LogReport report = (*std::move(log)).Finish();
  if (!report.ok()) return NotVerified(absl::StrJoin(report.findings, "; "));
  check.size = report.checkpoint.size;
  check.root = report.checkpoint.root;
  check.origin = report.checkpoint.origin;
  check.newer = report.uncovered;
  if (!previous.empty()) {
    RETURN_IF_ERROR(
        CheckPrevious(client, verifier, previous, report.checkpoint, check));
  }
  return check;
}

}  // namespace countersign::client
