#include "core/signer.h"

#include "base/error.h"

namespace countersign::core {
namespace {

constexpr char kKeyUse[] = "key_use";
constexpr char kUnknown[] = "unknown";

}  // namespace

bool KeyMayHaveBeenUsed(const absl::Status& error) {
  const auto details = base::GetErrorDetails(error);
  if (!details.has_value()) return false;
  const auto found = details->metadata.find(kKeyUse);
  return found != details->metadata.end() && found->second == kUnknown;
}

absl::Status WithKeyUseUnknown(const absl::Status& error) {
  base::ErrorDetails details =
      base::GetErrorDetails(error).value_or(base::ErrorDetails{});
  details.metadata[kKeyUse] = kUnknown;
  return base::MakeError(error.code(), error.message(), details);
}

}  // namespace countersign::core
