// The leaves that products and keys leave behind; see docs/audit-format.md.
// Pure.
#ifndef COUNTERSIGN_CORE_PRODUCT_EVENTS_H_
#define COUNTERSIGN_CORE_PRODUCT_EVENTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/event.h"
#include "core/product.h"

namespace countersign::core {

// What a product is, as its creator asked for: operations, keys, rules.
base::Json ProductJson(const Product& product);

// kProductCreated carries ProductJson; the others carry state and reason.
Event ProductEvent(EventType type, const Product& product,
                   const Principal& actor, const std::string& reason,
                   absl::Time now);

// kKeyGenerating, kKeyGenerated, kKeyRegistering, kKeyRegistered, kKeyChainSet,
// kCsrSigned. What the tokens said of the key stands in those that end its
// making.
Event KeyEvent(EventType type, const KeyVersion& key, const Principal& actor,
               absl::Time now);
// What somebody, or the server, did with a key version that was there; `key` is
// the state after it.
Event KeyDecidedEvent(EventType type, const KeyVersion& key,
                      const Principal& actor, const std::string& reason,
                      absl::Time now);
// kKeyRegistrationFailed.
Event KeyFailedEvent(const KeyVersion& key, const Principal& actor,
                     const absl::Status& error, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRODUCT_EVENTS_H_
