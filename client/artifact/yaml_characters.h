// Which characters a YAML text may hold, and what its quoted scalars may hold:
// the checks on raw text that yaml-cpp does not make or makes otherwise than
// libyaml. Called by yaml_events only. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_YAML_CHARACTERS_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_YAML_CHARACTERS_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Refuses broken UTF-8, control characters (YAML 1.1 5.1; yaml-cpp takes 0x04
// for the end of the text), U+FEFF inside, a lone carriage return and U+0085.
// Returns the offsets of U+2028 and U+2029: line breaks for libyaml, ordinary
// characters for yaml-cpp. They mean the same only inside quotes.
absl::StatusOr<std::vector<size_t>> CheckYamlCharacters(absl::string_view text);

// Refuses one of `breaks` at which `text` has blanks or breaks beside it, where
// folding would differ.
absl::Status CheckBreakNeighbours(absl::string_view text, size_t offset);

// `offset` is at a quote. Returns the octet behind the closing quote; refuses
// escapes that libyaml does not know (\/) or yaml-cpp gets wrong (\N, \_).
absl::StatusOr<size_t> EndOfQuoted(absl::string_view text, size_t offset);

// A quoted scalar, text[begin] to before text[end], that begins or ends with an
// empty line: libyaml keeps its line break, yaml-cpp loses it. Refused.
absl::Status CheckQuotedEdges(absl::string_view text, size_t begin, size_t end);

// A plain scalar `value` at `offset`. Refuses "{b:}" and "[b:, c]": a key for
// yaml-cpp, the word "b:" for the tools.
absl::Status CheckPlain(absl::string_view text, size_t offset,
                        absl::string_view value);

// A block scalar, its | or > at `offset`. Refuses what yaml-cpp reads otherwise
// than libyaml: ">+", and a last line of blanks without a line end.
absl::Status CheckBlockScalar(absl::string_view text, size_t offset);

// Refuses a %YAML or %TAG line before the document.
absl::Status CheckNoDirectives(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_YAML_CHARACTERS_H_
