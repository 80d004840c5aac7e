// Key versions before they are made or found: what the flows that add one
// record as GENERATING. Internal to core/. Pure.
#ifndef COUNTERSIGN_CORE_NEW_KEY_H_
#define COUNTERSIGN_CORE_NEW_KEY_H_

#include <string>

#include "absl/time/time.h"
#include "core/event.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"

namespace countersign::core {

// The next version of `operation`, to be made in the product's token: `key_id`
// is 16 random octets.
KeyVersion KeyToMake(const Product& product, const Operation& operation,
                     const Policy& policy, std::string key_id, absl::Time now);

// The next version of `operation`: a key that is in the HSM already.
KeyVersion KeyToRegister(const Product& product, const Operation& operation,
                         const Policy& policy, const ExistingKey& existing,
                         absl::Time now);

// Appends `key` to `operation`; the leaf says that it is to be made or found.
Event AddKeyVersion(KeyVersion key, Operation& operation,
                    const Principal& actor, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_NEW_KEY_H_
