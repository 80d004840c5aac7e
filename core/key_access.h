// What every change of an operation's keys asks first: may this caller, and is
// the product in use? Internal to core/. Pure.
#ifndef COUNTERSIGN_CORE_KEY_ACCESS_H_
#define COUNTERSIGN_CORE_KEY_ACCESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/flow.h"
#include "core/names.h"
#include "core/principal.h"
#include "core/product.h"

namespace countersign::core {

// The operation, for an administrator. What the caller may not see reads as
// absent (NOT_FOUND); PERMISSION_DENIED names `action` ("rotate keys").
absl::Status FindForAdministrator(const World& world, const Principal& caller,
                                  const OperationName& name,
                                  absl::string_view action,
                                  const Operation** operation);

// The same for one of its key versions.
absl::Status FindKeyForAdministrator(const World& world,
                                     const Principal& caller,
                                     const KeyVersionName& name,
                                     absl::string_view action,
                                     const Operation** operation,
                                     const KeyVersion** key);

// ACTIVE or DISABLED: FAILED_PRECONDITION otherwise.
absl::Status CheckInUse(const Product& product);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_KEY_ACCESS_H_
