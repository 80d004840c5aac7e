// Claims of a token as text, for rules and records: what a rule compares and
// what a record shows are the same. Pure.
#ifndef COUNTERSIGN_AUTH_CLAIM_TEXT_H_
#define COUNTERSIGN_AUTH_CLAIM_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::auth {

// The claim itself, or nullptr. `claim` is a name, or, where it begins with
// "/", a JSON pointer (RFC 6901): "/kubernetes.io/serviceaccount/name" has a
// name with a dot, and "~1" stands for a "/" inside a name.
const base::Json* FindClaim(const base::Json& claims, absl::string_view claim);

// A string as it is; a number, a boolean, a list or an object as compact JSON.
// nullopt where it is not there, is null, or is a number beyond 2^53, where two
// numbers would have one text (RFC 7493 2.2).
std::optional<std::string> ClaimText(const base::Json& claims,
                                     absl::string_view claim);
// Each value of a claim that may be a list: its elements, or itself.
std::vector<std::string> ClaimTexts(const base::Json& claims,
                                    absl::string_view claim);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_CLAIM_TEXT_H_
