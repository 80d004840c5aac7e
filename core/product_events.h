// The leaves that products and keys leave behind; see docs/audit-format.md.
// Pure.
#ifndef COUNTERSIGN_CORE_PRODUCT_EVENTS_H_
#define COUNTERSIGN_CORE_PRODUCT_EVENTS_H_

#include <string>

#include "core/event.h"
#include "core/product.h"

namespace countersign::core {

// What a product is, as its creator asked for: operations, keys, rules.
base::Json ProductJson(const Product& product);

// kProductCreated carries ProductJson; the others carry state and reason.
Event ProductEvent(EventType type, const Product& product,
                   const Principal& actor, const std::string& reason,
                   absl::Time now);

// kKeyGenerating, kKeyGenerated, kKeyChainSet.
Event KeyEvent(EventType type, const KeyVersion& key, const Principal& actor,
               absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRODUCT_EVENTS_H_
