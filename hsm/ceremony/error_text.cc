#include "hsm/ceremony/error_text.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "hsm/ceremony/exit_code.h"

namespace countersign::hsm {

std::string ErrorText(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  return absl::StrCat(
      "countersign-hsm: ", base::EscapeForDisplay(status.message()), "\n  (",
      absl::StatusCodeToString(status.code()), reason.empty() ? "" : ", ",
      reason, ")\n");
}

base::Json ErrorJson(const absl::Status& status) {
  const base::ErrorDetails details =
      base::GetErrorDetails(status).value_or(base::ErrorDetails());
  base::Json error = base::Json::Object{
      {"code", absl::StatusCodeToString(status.code())},
      {"reason", details.reason},
      {"message", base::EscapeForDisplay(status.message())},
      {"exitCode", static_cast<int>(ExitCodeFor(status))},
  };
  if (!details.metadata.empty()) {
    base::Json::Object metadata;
    for (const auto& [key, value] : details.metadata) {
      metadata.emplace_back(key, base::EscapeForDisplay(value));
    }
    error.Set("metadata", std::move(metadata));
  }
  return base::Json::Object{{"error", std::move(error)}};
}

}  // namespace countersign::hsm
