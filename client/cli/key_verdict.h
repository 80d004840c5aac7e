// What people should think of what a token says of a key: good, bad or unknown,
// attribute by attribute. The server refuses bad keys unless its configuration
// accepts the attribute; this tells what it found. Pure; called by render_key.
#ifndef COUNTERSIGN_CLIENT_CLI_KEY_VERDICT_H_
#define COUNTERSIGN_CLIENT_CLI_KEY_VERDICT_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

struct KeyVerdict {
  // "good", "bad", "unknown" (the module cannot say), or "-" for an attribute
  // or value that nothing is known of here.
  const char* verdict;
  // What a good value means: "no other use than signing".
  const char* meaning;
};

// `attribute` is "CKA_SENSITIVE", `value` "true", "false" or "unknown".
KeyVerdict JudgeAttribute(absl::string_view attribute, absl::string_view value);

// Of all together: "good", "good as far as known (2 unknown)", "bad (1 of 9)".
std::string JudgeKey(const std::map<std::string, std::string>& attributes);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_KEY_VERDICT_H_
