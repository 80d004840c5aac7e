// The end of key versions whose waiting period is over: intent, token, record,
// one after another.
#include <utility>

#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

bool IsDue(const KeyVersion& key, absl::Time now) {
  return key.state == KeyState::kDestroyScheduled &&
         (key.destroying ||
          (key.destroy_time.has_value() && *key.destroy_time <= now));
}

KeyVersion* FindDue(Product& product, absl::Time now) {
  for (Operation& operation : product.operations) {
    for (KeyVersion& key : operation.key_versions) {
      if (IsDue(key, now)) return &key;
    }
  }
  return nullptr;
}

class DestroyDueKeysFlow final : public FlowBase {
 public:
  explicit DestroyDueKeysFlow(ProductName product)
      : FlowBase("destroy", ServerPrincipal()), name_(std::move(product)) {}

  ProductName product() const override { return name_; }

  Effect OnKeyDestroyed(absl::Status status, const World& world) override {
    if (!status.ok()) {
      // It stays as it is: a later run repeats it.
      return Finish(std::move(status));
    }
    return RecordEnd(world);
  }

 private:
  enum class Stage { kIntent, kEnd };

  Effect Decide(const World& world) override {
    if (world.product == nullptr) {
      return Finish(error::NotFound(name_.Format()));
    }
    current_ = *world.product;
    return Next(world);
  }

  Effect Next(const World& world) {
    KeyVersion* key = FindDue(current_, world.now);
    if (key == nullptr) {
      return Finish(Resource(current_));
    }
    key_ = *key;
    if (key->destroying) {
      return Effect{std::nullopt, DestroyKeyEffect{RefOf(key_)}};
    }
    // With it in the product nobody can restore what the token may have lost.
    key->destroying = true;
    stage_ = Stage::kIntent;
    return RecordChange(EventType::kKeyDestroying, *key, world);
  }

  Effect RecordEnd(const World& world) {
    Operation* operation =
        current_.FindOperation(key_.name.operation.operation);
    if (operation == nullptr) return Finish(error::NotFound(name_.Format()));
    for (KeyVersion& key : operation->key_versions) {
      if (key.name == key_.name && key.key_id == key_.key_id &&
          key.state == KeyState::kDestroyScheduled) {
        key.state = KeyState::kDestroyed;
        key.destroy_time = world.now;
        stage_ = Stage::kEnd;
        return RecordChange(EventType::kKeyDestroyed, key, world);
      }
    }
    return Next(world);  // somebody else has recorded it
  }

  Effect RecordChange(EventType type, const KeyVersion& key,
                      const World& world) {
    current_.revision += 1;
    current_.update_time = world.now;
    ChangeSet changes;
    changes.events.push_back(
        KeyDecidedEvent(type, key, caller(), "", world.now));
    changes.products.push_back(current_);
    return CommitNext(std::move(changes));
  }

  Effect OnRecorded(const World& world) override {
    if (stage_ == Stage::kIntent) {
      return Effect{std::nullopt, DestroyKeyEffect{RefOf(key_)}};
    }
    return Next(world);
  }

  Effect OnLost(const LostRace& race, const World& world) override {
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    if (stage_ == Stage::kEnd && latest.product != nullptr) {
      current_ = *latest.product;
      return RecordEnd(latest);
    }
    return FlowBase::OnLost(race, latest);
  }

  ProductName name_;
  Stage stage_ = Stage::kIntent;
  Product current_;
  KeyVersion key_;
};

}  // namespace

bool HasDueKeys(const Product& product, absl::Time now) {
  for (const Operation& operation : product.operations) {
    for (const KeyVersion& key : operation.key_versions) {
      if (IsDue(key, now)) return true;
    }
  }
  return false;
}

FlowPtr MakeDestroyDueKeysFlow(ProductName product) {
  return std::make_unique<DestroyDueKeysFlow>(std::move(product));
}

}  // namespace countersign::core
