// A key version more for an operation: made in the token, or there already.
#include <utility>

#include "core/errors.h"
#include "core/existing_key_check.h"
#include "core/flows.h"
#include "core/key_access.h"
#include "core/key_making_flow.h"
#include "core/new_key.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

// A time that has come is as good as none.
std::optional<absl::Time> Future(std::optional<absl::Time> start,
                                 absl::Time now) {
  if (start.has_value() && *start <= now) return std::nullopt;
  return start;
}

class RotateKeyFlow final : public KeyMakingFlow {
 public:
  explicit RotateKeyFlow(RotateKey input)
      : KeyMakingFlow("RotateKey", input.caller, input.operation.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const Operation* found = nullptr;
    absl::Status status = FindForAdministrator(
        world, caller(), input_.operation, "rotate keys", &found);
    if (!status.ok()) {
      return Refuse(std::move(status), input_.operation.Format(), world);
    }
    status = CheckInUse(*world.product);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    Product next = *world.product;
    Operation& operation = *next.FindOperation(input_.operation.operation);
    KeyVersion key =
        KeyToMake(next, operation, *world.policy, input_.key_id, world.now);
    key.start_time = Future(input_.start_time, world.now);
    std::vector<Event> events;
    events.push_back(
        KeyEvent(EventType::kKeyGenerating, key, caller(), world.now));
    operation.key_versions.push_back(std::move(key));
    next.revision += 1;
    next.update_time = world.now;
    return Record(std::move(next), std::move(events));
  }

  RotateKey input_;
};

class RegisterKeyFlow final : public KeyMakingFlow {
 public:
  explicit RegisterKeyFlow(RegisterKey input)
      : KeyMakingFlow("RegisterKeyVersion", input.caller,
                      input.operation.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const Operation* found = nullptr;
    absl::Status status = FindForAdministrator(
        world, caller(), input_.operation, "register keys", &found);
    if (!status.ok()) {
      return Refuse(std::move(status), input_.operation.Format(), world);
    }
    const ExistingKey existing{input_.key_id, input_.label, input_.tokens};
    std::vector<base::FieldViolation> violations =
        CheckExistingKey(existing, *world.policy, "existing_key");
    if (!violations.empty()) {
      return Finish(error::BadRequest(std::move(violations)));
    }
    status = CheckInUse(*world.product);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    Product next = *world.product;
    Operation& operation = *next.FindOperation(input_.operation.operation);
    KeyVersion key =
        KeyToRegister(next, operation, *world.policy, existing, world.now);
    key.start_time = Future(input_.start_time, world.now);
    std::vector<Event> events;
    events.push_back(
        KeyEvent(EventType::kKeyRegistering, key, caller(), world.now));
    operation.key_versions.push_back(std::move(key));
    next.revision += 1;
    next.update_time = world.now;
    return Record(std::move(next), std::move(events));
  }

  RegisterKey input_;
};

}  // namespace

FlowPtr MakeRotateKeyFlow(RotateKey input) {
  return std::make_unique<RotateKeyFlow>(std::move(input));
}

FlowPtr MakeRegisterKeyFlow(RegisterKey input) {
  return std::make_unique<RegisterKeyFlow>(std::move(input));
}

}  // namespace countersign::core
