// Resource names (AIP-122): parsing, formatting, and the rules for their ids.
//   products/{product}
//   products/{product}/operations/{operation}
//   .../operations/{operation}/keyVersions/{n}
//   .../operations/{operation}/signingRequests/{uuid}
// Pure. Strong types: a request's name cannot stand where a product's belongs.
#ifndef COUNTERSIGN_CORE_NAMES_H_
#define COUNTERSIGN_CORE_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::core {

// An id is 1..63 characters: a lower-case letter or digit first, then
// lower-case letters, digits and hyphens, no hyphen last (RFC 1034 labels,
// AIP-122).
bool IsValidId(absl::string_view id);

// "OCI digest signing" -> "oci-digest-signing": what people write, as an id.
// Empty where nothing remains.
std::string IdFromDisplayName(absl::string_view display_name);

struct ProductName {
  std::string product;

  // Malformed names: INVALID_ARGUMENT, reason MALFORMED_NAME, with the pattern.
  static absl::StatusOr<ProductName> Parse(absl::string_view name);
  std::string Format() const;
  bool operator==(const ProductName& o) const { return product == o.product; }
};

struct OperationName {
  ProductName product;
  std::string operation;

  static absl::StatusOr<OperationName> Parse(absl::string_view name);
  std::string Format() const;
  bool operator==(const OperationName& o) const {
    return product == o.product && operation == o.operation;
  }
};

struct KeyVersionName {
  OperationName operation;
  int64_t version = 0;  // from 1

  static absl::StatusOr<KeyVersionName> Parse(absl::string_view name);
  std::string Format() const;
  bool operator==(const KeyVersionName& o) const {
    return operation == o.operation && version == o.version;
  }
};

struct RequestName {
  OperationName operation;
  std::string id;  // UUID, version 7

  static absl::StatusOr<RequestName> Parse(absl::string_view name);
  std::string Format() const;
  bool operator==(const RequestName& o) const {
    return operation == o.operation && id == o.id;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_NAMES_H_
