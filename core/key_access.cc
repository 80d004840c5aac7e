#include "core/key_access.h"

#include <string>

#include "core/access.h"
#include "core/errors.h"

namespace countersign::core {

absl::Status FindForAdministrator(const World& world, const Principal& caller,
                                  const OperationName& name,
                                  absl::string_view action,
                                  const Operation** operation) {
  const std::string text = name.Format();
  if (world.product == nullptr ||
      !MaySeeProduct(*world.product, caller, *world.policy)) {
    return error::NotFound(text);
  }
  const absl::Status status =
      CheckAdministrator(caller, *world.policy, action, text);
  if (!status.ok()) return status;
  *operation = world.product->FindOperation(name.operation);
  return *operation == nullptr ? error::NotFound(text) : absl::OkStatus();
}

absl::Status FindKeyForAdministrator(const World& world,
                                     const Principal& caller,
                                     const KeyVersionName& name,
                                     absl::string_view action,
                                     const Operation** operation,
                                     const KeyVersion** key) {
  const absl::Status status =
      FindForAdministrator(world, caller, name.operation, action, operation);
  if (!status.ok()) return status;
  *key = (*operation)->FindKeyVersion(name.version);
  return *key == nullptr ? error::NotFound(name.Format()) : absl::OkStatus();
}

absl::Status CheckInUse(const Product& product) {
  if (product.state != ProductState::kActive &&
      product.state != ProductState::kDisabled) {
    return error::ProductNotActive(product.name.Format(),
                                   ToString(product.state));
  }
  return absl::OkStatus();
}

}  // namespace countersign::core
