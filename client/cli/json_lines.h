// On which line of a JSON text each value stands, so that an error about
// "productOperations[1].token.keyType" can say where to look. Pure. Called by
// product_file after the strict parser has accepted the text.
#ifndef COUNTERSIGN_CLIENT_CLI_JSON_LINES_H_
#define COUNTERSIGN_CLIENT_CLI_JSON_LINES_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

// Path ("a.b[2].c"; "" is the whole) to line, from 1. `text` must be valid JSON
// (base::ParseJson); of anything else the answer is some map.
std::map<std::string, int> JsonLines(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_JSON_LINES_H_
