#include "client/artifact/artifact_error.h"

#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

constexpr size_t kShown = 10;
constexpr size_t kQuotedOctets = 64;

}  // namespace

absl::Status ArtifactError(absl::StatusCode code, absl::string_view reason,
                           absl::string_view message) {
  base::ErrorDetails details;
  details.reason = std::string(reason);
  return base::MakeError(code, message, details);
}

absl::Status BadFields(absl::string_view reason, absl::string_view context,
                       const std::vector<base::FieldViolation>& violations) {
  std::string message(context);
  size_t shown = 0;
  for (const base::FieldViolation& violation : violations) {
    if (shown++ == kShown) {
      absl::StrAppend(&message, "; and ", violations.size() - kShown, " more");
      break;
    }
    absl::StrAppend(&message, shown == 1 ? ": " : "; ", violation.field, " ",
                    violation.description);
  }
  base::ErrorDetails details;
  details.reason = std::string(reason);
  details.field_violations = violations;
  return base::MakeError(absl::StatusCode::kInvalidArgument, message, details);
}

std::string Quoted(absl::string_view text) {
  if (text.size() <= kQuotedOctets) {
    return absl::StrCat("\"", base::EscapeForDisplay(text), "\"");
  }
  return absl::StrCat(
      "\"", base::EscapeForDisplay(text.substr(0, kQuotedOctets)), "...\"");
}

}  // namespace countersign::client
