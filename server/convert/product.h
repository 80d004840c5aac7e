// Products and their operations between wire and domain. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_PRODUCT_H_
#define COUNTERSIGN_SERVER_CONVERT_PRODUCT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/policy.h"
#include "core/product.h"
#include "countersign/v1/product_service.pb.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::server {

// Which key version signs depends on `now`.
v1::Product ToWire(const core::Product& product, absl::Time now);

// What Create was given, as the domain's value: ids made from display names
// where none is given, output-only fields left alone. INVALID_ARGUMENT
// BAD_REQUEST, every field at once; what needs the rules (groups, fitting
// algorithms) is the flow's to check.
absl::StatusOr<core::Product> FromWire(const v1::CreateProductRequest& request,
                                       const core::Policy& policy);

// AIP-154: the revision, decimal.
std::string ProductEtag(const core::Product& product);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_PRODUCT_H_
