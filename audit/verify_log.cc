#include "audit/verify_log.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

bool IsCanonicalObject(absl::string_view bytes) {
  const absl::StatusOr<base::Json> json = base::ParseJson(bytes);
  if (!json.ok() || !json->is_object()) return false;
  const absl::StatusOr<std::string> canonical = base::CanonicalJson(*json);
  return canonical.ok() && *canonical == bytes;
}

}  // namespace

absl::StatusOr<LogVerifier> LogVerifier::Create(
    absl::string_view checkpoint_note, const NoteVerifier& verifier) {
  ASSIGN_OR_RETURN(Checkpoint checkpoint,
                   OpenCheckpoint(checkpoint_note, verifier));
  return LogVerifier(std::move(checkpoint));
}

LogVerifier::LogVerifier(Checkpoint checkpoint) {
  report_.checkpoint = std::move(checkpoint);
}

void LogVerifier::Find(std::string finding) {
  if (report_.findings.size() < kMaxFindings) {
    report_.findings.push_back(std::move(finding));
  }
}

void LogVerifier::Add(uint64_t number, absl::string_view bytes) {
  if (number != report_.leaves) {
    Find(absl::StrCat("leaf ", report_.leaves, " was expected, leaf ", number,
                      " came"));
  }
  ++report_.leaves;
  if (!IsCanonicalObject(bytes)) {
    Find(absl::StrCat("leaf ", number, " is not canonical JSON"));
  }
  if (builder_.size() == report_.checkpoint.size) {
    ++report_.uncovered;
  } else {
    builder_.Add(HashLeaf(bytes));
  }
}

LogReport LogVerifier::Finish() && {
  const Checkpoint& checkpoint = report_.checkpoint;
  if (builder_.size() < checkpoint.size) {
    Find(absl::StrCat("the checkpoint covers ", checkpoint.size,
                      " leaves, only ", builder_.size(), " are here"));
  } else if (builder_.Root() != checkpoint.root) {
    Find(absl::StrCat("the leaves have the root ",
                      base::HexEncode(builder_.Root()), ", the checkpoint has ",
                      base::HexEncode(checkpoint.root)));
  }
  return std::move(report_);
}

}  // namespace countersign::audit
