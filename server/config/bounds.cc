#include "server/config/bounds.h"

#include "absl/strings/str_cat.h"

namespace countersign::server {

int NumberWithin(const std::string& field, int value, int min, int max,
                 Mistakes& mistakes) {
  if (value < min || value > max) {
    mistakes.Add(field,
                 absl::StrCat("is ", value, "; must be ", min, " to ", max));
  }
  return value;
}

absl::Duration DurationWithin(const std::string& field, const std::string& text,
                              absl::Duration min, absl::Duration max,
                              Mistakes& mistakes) {
  absl::Duration value;
  if (!absl::ParseDuration(text, &value)) {
    mistakes.Add(field, absl::StrCat("\"", text,
                                     "\" is no duration; write a number and a "
                                     "unit (ms, s, m, h), as in \"30s\""));
  } else if (value < min || value > max) {
    mistakes.Add(field, absl::StrCat("is ", absl::FormatDuration(value),
                                     "; must be ", absl::FormatDuration(min),
                                     " to ", absl::FormatDuration(max)));
  }
  return value;
}

}  // namespace countersign::server
