// What is wrong with the name of a key that should be in the HSM: everything,
// at once. Whether it is there, the Signer says. Pure.
#ifndef COUNTERSIGN_CORE_EXISTING_KEY_CHECK_H_
#define COUNTERSIGN_CORE_EXISTING_KEY_CHECK_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "core/policy.h"
#include "core/product.h"

namespace countersign::core {

// An id of 1..64 octets, a label of 1..256 octets of UTF-8, at most 8 tokens
// that are configured, none twice. `path` begins each field.
std::vector<base::FieldViolation> CheckExistingKey(const ExistingKey& key,
                                                   const Policy& policy,
                                                   const std::string& path);

// `field` names no token that is configured: the sentence for it.
base::FieldViolation UnknownToken(const std::string& field,
                                  const std::string& token,
                                  const Policy& policy);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_EXISTING_KEY_CHECK_H_
