#include "client/cli/error_text.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error.h"
#include "client/cli/error_hint.h"
#include "client/cli/exit_code.h"
#include "client/cli/text_table.h"

namespace countersign::client {

std::string ErrorText(const absl::Status& status) {
  const base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  std::string text =
      absl::StrCat("countersign: ", EscapeLines(status.message()), "\n");
  for (const base::FieldViolation& violation : details.field_violations) {
    // Messages of the server may name them already.
    if (absl::StrContains(status.message(), violation.description)) continue;
    absl::StrAppend(&text, "  ", EscapeLines(violation.field),
                    violation.field.empty() ? "" : ": ",
                    EscapeLines(violation.description), "\n");
  }
  for (const auto& [type, description] : details.preconditions) {
    if (absl::StrContains(status.message(), description)) continue;
    absl::StrAppend(&text, "  ", EscapeLines(type), ": ",
                    EscapeLines(description), "\n");
  }
  if (details.retry_delay.has_value()) {
    absl::StrAppend(&text, "  try again in ",
                    absl::FormatDuration(*details.retry_delay), "\n");
  }
  if (const std::string hint = ErrorHint(status); !hint.empty()) {
    absl::StrAppend(&text, "  ",
                    absl::StrReplaceAll(EscapeLines(hint), {{"\n", "\n  "}}),
                    "\n");
  }
  const std::string code = absl::StatusCodeToString(status.code());
  absl::StrAppend(&text, "  (", code, details.reason.empty() ? "" : ", ",
                  EscapeLines(details.reason), ")\n");
  return text;
}

base::Json ErrorJson(const absl::Status& status) {
  const base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  base::Json error = base::Json::Object{
      {"code", absl::StatusCodeToString(status.code())},
      {"reason", details.reason},
      {"message", std::string(status.message())},
      {"exitCode", static_cast<int>(ExitCodeFor(status))},
  };
  if (!details.metadata.empty()) {
    base::Json::Object metadata;
    for (const auto& [key, value] : details.metadata) {
      metadata.emplace_back(key, value);
    }
    error.Set("metadata", std::move(metadata));
  }
  base::Json::Array violations;
  for (const base::FieldViolation& violation : details.field_violations) {
    violations.push_back(base::Json::Object{
        {"field", violation.field}, {"description", violation.description}});
  }
  if (!violations.empty()) error.Set("fieldViolations", std::move(violations));
  base::Json::Array preconditions;
  for (const auto& [type, description] : details.preconditions) {
    preconditions.push_back(
        base::Json::Object{{"type", type}, {"description", description}});
  }
  if (!preconditions.empty()) {
    error.Set("preconditions", std::move(preconditions));
  }
  if (details.retry_delay.has_value()) {
    error.Set("retryDelay", absl::FormatDuration(*details.retry_delay));
  }
  return base::Json::Object{{"error", std::move(error)}};
}

}  // namespace countersign::client
