// What is wrong with a product that somebody wants to create: everything, at
// once. Pure.
#ifndef COUNTERSIGN_CORE_PRODUCT_CHECK_H_
#define COUNTERSIGN_CORE_PRODUCT_CHECK_H_

#include <vector>

#include "base/error.h"
#include "core/policy.h"
#include "core/product.h"

namespace countersign::core {

constexpr size_t kMaxOperations = 32;

// Names and texts, 1..32 operations with distinct ids, rules (approval_rule.h),
// hashes and algorithms that fit the key, certificates where they belong.
std::vector<base::FieldViolation> CheckProduct(const Product& product,
                                               const Policy& policy);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRODUCT_CHECK_H_
