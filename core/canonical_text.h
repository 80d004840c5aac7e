// RFC 8785 text written piece by piece, for the digests of core/: those values
// have a fixed shape, so their keys are written in order and no tree of JSON
// values is built on the hot path. Tests compare with base::CanonicalJson.
// Pure.
#ifndef COUNTERSIGN_CORE_CANONICAL_TEXT_H_
#define COUNTERSIGN_CORE_CANONICAL_TEXT_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::core {

// `text` in quotes with the escapes of RFC 8785 3.2.2.2. `text` should be
// UTF-8; other octets are copied, so different texts never give the same
// result.
void AppendString(absl::string_view text, std::string& out);

// An array of strings, in the order of the set.
void AppendStrings(const std::set<std::string>& texts, std::string& out);

// An object, its keys sorted by UTF-16 code units (RFC 8785 3.2.3).
void AppendMap(const std::map<std::string, std::string>& map, std::string& out);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_CANONICAL_TEXT_H_
