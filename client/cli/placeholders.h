// "$PRODUCTNAME" in the strings of a product file: replaced by what --set
// gives, and an error where nothing does. Pure. Called by product_file.
#ifndef COUNTERSIGN_CLIENT_CLI_PLACEHOLDERS_H_
#define COUNTERSIGN_CLIENT_CLI_PLACEHOLDERS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/error.h"
#include "base/json.h"

namespace countersign::client {

using Variables = std::map<std::string, std::string>;

// "NAME=VALUE" each; NAME is A-Z, 0-9 and "_", a letter first. INVALID_ARGUMENT
// (VARIABLE_MALFORMED).
absl::StatusOr<Variables> ReadVariables(const std::vector<std::string>& texts);

// Replaces in every string of `value` (not in keys; what is put in is not read
// again) and adds a violation for each placeholder that has no value.
void Substitute(const Variables& variables, const std::string& path,
                base::Json& value,
                std::vector<base::FieldViolation>& violations);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PLACEHOLDERS_H_
