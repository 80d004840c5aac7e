// A message that is signed as it is, as people read it before they agree: as
// text where that shows every octet, otherwise as a dump. Nothing of it can
// move the cursor or pass for a line of ours. Pure; called by render_request.
#ifndef COUNTERSIGN_CLIENT_CLI_MESSAGE_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_MESSAGE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

// Whether the lines of `message` are shown as they are: UTF-8 without control
// characters but line breaks and tabs, and without those that cannot be seen.
bool IsPlainText(absl::string_view message);

// Lines, without a newline at the end: "12 octets, text; SHA-256 ..." and the
// text, each line after "| ", or "12 octets; SHA-256 ..." and 16 octets a line
// with their offset. Tabs of a text become "\t".
std::string MessageText(absl::string_view message);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_MESSAGE_TEXT_H_
