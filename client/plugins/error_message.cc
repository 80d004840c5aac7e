#include "client/plugins/error_message.h"

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/cli/error_text.h"

namespace countersign::client {

std::string ErrorMessage(const absl::Status& status) {
  const std::string text = ErrorText(status);
  absl::string_view message = text;
  absl::ConsumePrefix(&message, "countersign: ");
  absl::ConsumeSuffix(&message, "\n");
  return std::string(message);
}

}  // namespace countersign::client
