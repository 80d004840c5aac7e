// A key version's switch, and the decision to destroy it.
#include <utility>

#include "base/encoding.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"
#include "core/key_access.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxReason = 1024;  // octets

struct VerbRow {
  KeyVerb verb;
  const char* rpc;
  const char* action;
  const char* needs;  // the states that it can begin in, as people read them
  EventType event;
  KeyState to;
};
constexpr VerbRow kVerbs[] = {
    {KeyVerb::kDisable, "DisableKeyVersion", "disable keys", "ENABLED",
     EventType::kKeyDisabled, KeyState::kDisabled},
    {KeyVerb::kEnable, "EnableKeyVersion", "enable keys", "DISABLED",
     EventType::kKeyEnabled, KeyState::kEnabled},
    {KeyVerb::kDestroy, "DestroyKeyVersion", "destroy keys",
     "ENABLED or DISABLED", EventType::kKeyDestroyScheduled,
     KeyState::kDestroyScheduled},
    {KeyVerb::kRestore, "RestoreKeyVersion", "restore keys",
     "DESTROY_SCHEDULED", EventType::kKeyRestored, KeyState::kDisabled},
};

const VerbRow& RowOf(KeyVerb verb) {
  for (const VerbRow& row : kVerbs) {
    if (row.verb == verb) return row;
  }
  return kVerbs[0];
}

bool MayBegin(KeyVerb verb, KeyState state) {
  switch (verb) {
    case KeyVerb::kDisable:
      return state == KeyState::kEnabled;
    case KeyVerb::kEnable:
      return state == KeyState::kDisabled;
    case KeyVerb::kDestroy:
      return state == KeyState::kEnabled || state == KeyState::kDisabled;
    case KeyVerb::kRestore:
      return state == KeyState::kDestroyScheduled;
  }
  return false;
}

class DecideKeyFlow final : public FlowBase {
 public:
  explicit DecideKeyFlow(DecideKey input)
      : FlowBase(RowOf(input.verb).rpc, input.caller),
        row_(RowOf(input.verb)),
        input_(std::move(input)) {}

  ProductName product() const override {
    return input_.key_version.operation.product;
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* operation = nullptr;
    const KeyVersion* key = nullptr;
    absl::Status status = FindKeyForAdministrator(
        world, caller(), input_.key_version, row_.action, &operation, &key);
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    status = CheckInput(*key);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    next_ = *world.product;
    next_.revision += 1;
    next_.update_time = world.now;
    ChangeSet changes;
    for (KeyVersion& changed :
         next_.FindOperation(operation->name.operation)->key_versions) {
      if (changed.name == input_.key_version) {
        Change(changed, world);
        changes.events.push_back(KeyDecidedEvent(row_.event, changed, caller(),
                                                 input_.reason, world.now));
      }
    }
    changes.products.push_back(next_);
    return CommitNext(std::move(changes));
  }

  absl::Status CheckInput(const KeyVersion& key) const {
    std::vector<base::FieldViolation> violations;
    if (input_.reason.size() > kMaxReason ||
        !base::IsValidUtf8(input_.reason)) {
      violations.push_back(
          {"reason", "must be at most 1024 octets of valid UTF-8"});
    }
    if (input_.verb == KeyVerb::kDestroy && input_.reason.empty()) {
      violations.push_back(
          {"reason", "is required: what is destroyed does not come back"});
    }
    if (!violations.empty()) {
      return error::BadRequest(std::move(violations));
    }
    if (input_.verb == KeyVerb::kRestore && key.destroying) {
      return error::KeyStateWrong(key.name.Format(), "being destroyed",
                                  row_.needs, row_.action);
    }
    if (!MayBegin(input_.verb, key.state)) {
      return error::KeyStateWrong(key.name.Format(), ToString(key.state),
                                  row_.needs, row_.action);
    }
    return absl::OkStatus();
  }

  void Change(KeyVersion& key, const World& world) const {
    key.state = row_.to;
    key.destroy_time.reset();
    if (input_.verb == KeyVerb::kDestroy) {
      key.destroy_time = world.now + world.policy->key_destroy_delay;
    }
  }

  Effect OnRecorded(const World&) override {
    return Finish(Resource(std::move(next_)));
  }

  Effect OnLost(const LostRace& race, const World& world) override {
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return FlowBase::OnLost(race, latest);
  }

  const VerbRow& row_;
  DecideKey input_;
  Product next_;
};

}  // namespace

FlowPtr MakeDecideKeyFlow(DecideKey input) {
  return std::make_unique<DecideKeyFlow>(std::move(input));
}

}  // namespace countersign::core
