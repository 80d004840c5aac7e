// Names as people type them: "products/p/operations/o", or short "p/o". The
// server checks them; here they are only completed. Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_RESOURCE_NAMES_H_
#define COUNTERSIGN_CLIENT_CLI_RESOURCE_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Each: INVALID_ARGUMENT (MALFORMED_NAME) names both forms.

// "products/p" or "p".
absl::StatusOr<std::string> ProductNameFrom(absl::string_view text);
// "products/p/operations/o" or "p/o".
absl::StatusOr<std::string> OperationNameFrom(absl::string_view text);
// An operation, ".../keyVersions/1", or "p/o/1".
absl::StatusOr<std::string> KeyNameFrom(absl::string_view text);
// A key version only: ".../keyVersions/1" or "p/o/1".
absl::StatusOr<std::string> KeyVersionNameFrom(absl::string_view text);
// "p/o/1" of a whole name; what is none stays as it is.
std::string ShortKeyName(absl::string_view name);
// What requests are listed below: "products/-", a product or an operation.
absl::StatusOr<std::string> ParentNameFrom(absl::string_view text);
// ".../signingRequests/<id>", whole only: what is signed is not abbreviated.
absl::StatusOr<std::string> RequestNameFrom(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RESOURCE_NAMES_H_
