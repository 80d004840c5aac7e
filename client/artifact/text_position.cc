#include "client/artifact/text_position.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace countersign::client {

TextPosition PositionOf(absl::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  TextPosition position;
  for (size_t i = 0; i < offset; ++i) {
    const unsigned char c = text[i];
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((c & 0xC0) != 0x80) {  // not a UTF-8 continuation octet
      ++position.column;
    }
  }
  return position;
}

absl::Status TextError(absl::string_view text, size_t offset,
                       absl::string_view reason, absl::string_view message) {
  const TextPosition position = PositionOf(text, offset);
  base::ErrorDetails details;
  details.reason = std::string(reason);
  details.metadata["line"] = absl::StrCat(position.line);
  details.metadata["column"] = absl::StrCat(position.column);
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("line ", position.line, ", column ",
                                      position.column, ": ", message),
                         details);
}

}  // namespace countersign::client
