// Line and column of an octet in a text, and errors that name them. Called by
// the readers of this room. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_TEXT_POSITION_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_TEXT_POSITION_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Both from 1. A column is one code point; a tab is one column.
struct TextPosition {
  size_t line = 1;
  size_t column = 1;
};

// `offset` may be the size of `text` or more: then the end.
TextPosition PositionOf(absl::string_view text, size_t offset);

// INVALID_ARGUMENT "line 3, column 7: message", with `reason` and the two
// numbers as metadata.
absl::Status TextError(absl::string_view text, size_t offset,
                       absl::string_view reason, absl::string_view message);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_TEXT_POSITION_H_
