// A key version more for an operation: made in the token, or there already.
#include <utility>

#include "core/errors.h"
#include "core/existing_key_check.h"
#include "core/flows.h"
#include "core/key_access.h"
#include "core/key_making_flow.h"
#include "core/new_key.h"

namespace countersign::core {
namespace {

// A time that has come is as good as none.
std::optional<absl::Time> Future(std::optional<absl::Time> start,
                                 absl::Time now) {
  if (start.has_value() && *start <= now) return std::nullopt;
  return start;
}

// Who may, and what is recorded, whichever way the key comes.
class AddKeyFlow : public KeyMakingFlow {
 protected:
  // `action` as in key_access.h; it outlives the flow.
  AddKeyFlow(std::string rpc, absl::string_view action, Principal caller,
             OperationName operation, std::optional<absl::Time> start_time)
      : KeyMakingFlow(std::move(rpc), std::move(caller), operation.product),
        action_(action),
        operation_(std::move(operation)),
        start_time_(start_time) {}

 private:
  // Whether what was asked for can be; asked before the product's state.
  virtual absl::Status CheckInput(const Policy& policy) const = 0;
  // The version to be, from new_key.h.
  virtual KeyVersion NewKey(const Product& product, const Operation& operation,
                            const World& world) const = 0;

  Effect Decide(const World& world) final {
    const Operation* found = nullptr;
    absl::Status status =
        FindForAdministrator(world, caller(), operation_, action_, &found);
    if (!status.ok()) {
      return Refuse(std::move(status), operation_.Format(), world);
    }
    status = CheckInput(*world.policy);
    if (status.ok()) status = CheckInUse(*world.product);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    Product next = *world.product;
    Operation& operation = *next.FindOperation(operation_.operation);
    KeyVersion key = NewKey(next, operation, world);
    key.start_time = Future(start_time_, world.now);
    std::vector<Event> events;
    events.push_back(
        AddKeyVersion(std::move(key), operation, caller(), world.now));
    next.revision += 1;
    next.update_time = world.now;
    return Record(std::move(next), std::move(events));
  }

  absl::string_view action_;
  OperationName operation_;
  std::optional<absl::Time> start_time_;
};

class RotateKeyFlow final : public AddKeyFlow {
 public:
  explicit RotateKeyFlow(RotateKey input)
      : AddKeyFlow("RotateKey", "rotate keys", std::move(input.caller),
                   std::move(input.operation), input.start_time),
        key_id_(std::move(input.key_id)) {}

 private:
  absl::Status CheckInput(const Policy&) const override {
    return absl::OkStatus();
  }

  KeyVersion NewKey(const Product& product, const Operation& operation,
                    const World& world) const override {
    return KeyToMake(product, operation, *world.policy, key_id_, world.now);
  }

  std::string key_id_;
};

class RegisterKeyFlow final : public AddKeyFlow {
 public:
  explicit RegisterKeyFlow(RegisterKey input)
      : AddKeyFlow("RegisterKeyVersion", "register keys",
                   std::move(input.caller), std::move(input.operation),
                   input.start_time),
        existing_{std::move(input.key_id), std::move(input.label),
                  std::move(input.tokens)} {}

 private:
  absl::Status CheckInput(const Policy& policy) const override {
    std::vector<base::FieldViolation> violations =
        CheckExistingKey(existing_, policy, "existing_key");
    return violations.empty() ? absl::OkStatus()
                              : error::BadRequest(std::move(violations));
  }

  KeyVersion NewKey(const Product& product, const Operation& operation,
                    const World& world) const override {
    return KeyToRegister(product, operation, *world.policy, existing_,
                         world.now);
  }

  ExistingKey existing_;
};

}  // namespace

FlowPtr MakeRotateKeyFlow(RotateKey input) {
  return std::make_unique<RotateKeyFlow>(std::move(input));
}

FlowPtr MakeRegisterKeyFlow(RegisterKey input) {
  return std::make_unique<RegisterKeyFlow>(std::move(input));
}

}  // namespace countersign::core
