#include "audit/checkpoint.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "audit/merkle_tree.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::audit {
namespace {

absl::Status BadCheckpoint(absl::string_view why) {
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("this is no checkpoint: ", why),
                         {"BAD_CHECKPOINT", {}, {}, {}, {}});
}

bool IsDecimal(absl::string_view text) {
  return !text.empty() && (text[0] != '0' || text.size() == 1) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  std::string text =
      absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                   base::Base64Encode(checkpoint.root), "\n");
  for (const std::string& line : checkpoint.extensions) {
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  if (!absl::ConsumeSuffix(&text, "\n")) {
    return BadCheckpoint("it must end with a newline");
  }
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (lines.size() < 3) {
    return BadCheckpoint("it must have the lines origin, size and root");
  }
  if (std::find(lines.begin(), lines.end(), "") != lines.end()) {
    return BadCheckpoint("it must have no empty line");
  }
  Checkpoint out;
  out.origin = lines[0];
  if (!IsDecimal(lines[1]) || !absl::SimpleAtoi(lines[1], &out.size)) {
    return BadCheckpoint("the size must be a decimal number of 64 bits");
  }
  const absl::StatusOr<std::string> root = base::Base64Decode(lines[2]);
  if (!root.ok() || root->size() != kHashSize) {
    return BadCheckpoint("the root must be base64 of 32 octets");
  }
  out.root = *root;
  out.extensions.assign(lines.begin() + 3, lines.end());
  return out;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          const NoteVerifier& verifier) {
  ASSIGN_OR_RETURN(const std::string text, OpenNote(note, verifier));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(text));
  if (checkpoint.origin != verifier.name()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("the checkpoint is of the log ",
                     base::EscapeForDisplay(checkpoint.origin), ", not of ",
                     verifier.name()),
        {"WRONG_ORIGIN", {}, {}, {}, {}});
  }
  return checkpoint;
}

}  // namespace countersign::audit
