#include "core/key_making_flow.h"

#include <algorithm>
#include <utility>

#include "core/errors.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

bool IsMade(const std::vector<KeyVersion>& made, const KeyVersion& key) {
  return std::any_of(made.begin(), made.end(), [&](const KeyVersion& m) {
    return m.name == key.name && m.key_id == key.key_id;
  });
}

}  // namespace

Effect KeyMakingFlow::Record(Product product, std::vector<Event> events) {
  stage_ = Stage::kRecordingIntent;
  current_ = std::move(product);
  ChangeSet changes;
  changes.products.push_back(current_);
  changes.events = std::move(events);
  return CommitNext(std::move(changes));
}

Effect KeyMakingFlow::MakeMissingKeys(Product product, const World& world) {
  current_ = std::move(product);
  return MakeNext(world);
}

KeyVersion* KeyMakingFlow::NextGenerating(Product* product) const {
  for (Operation& operation : product->operations) {
    for (KeyVersion& key : operation.key_versions) {
      if (key.state == KeyState::kGenerating && !IsMade(made_, key)) {
        return &key;
      }
    }
  }
  return nullptr;
}

Effect KeyMakingFlow::MakeNext(const World& world) {
  const KeyVersion* key = NextGenerating(&current_);
  if (key != nullptr) {
    return Effect{std::nullopt,
                  MakeKeyEffect{KeyRef{key->key_id, key->name.Format(),
                                       key->type, std::string()}}};
  }
  if (made_.empty()) {
    return Finish(Resource(current_));
  }
  return RecordKeys(current_, world);
}

Effect KeyMakingFlow::OnKeyMade(absl::StatusOr<std::string> spki,
                                const World& world) {
  if (!spki.ok()) {
    // What is recorded as GENERATING is made at the next start or sweep.
    return Finish(spki.status());
  }
  KeyVersion* key = NextGenerating(&current_);
  if (key == nullptr) {
    return Finish(absl::InternalError("a key that nobody asked for"));
  }
  KeyVersion made = *key;
  made.spki = *std::move(spki);
  made.state = KeyState::kEnabled;
  made_.push_back(std::move(made));
  return MakeNext(world);
}

Effect KeyMakingFlow::RecordKeys(Product latest, const World& world) {
  stage_ = Stage::kRecordingKeys;
  std::vector<Event> events;
  for (Operation& operation : latest.operations) {
    for (KeyVersion& key : operation.key_versions) {
      for (const KeyVersion& made : made_) {
        if (made.name == key.name && made.key_id == key.key_id &&
            key.state == KeyState::kGenerating) {
          key = made;
          events.push_back(
              KeyEvent(EventType::kKeyGenerated, key, caller(), world.now));
        }
      }
    }
  }
  if (events.empty()) {
    // Somebody else has recorded them.
    return Finish(Resource(std::move(latest)));
  }
  latest.revision += 1;
  latest.update_time = world.now;
  if (latest.state == ProductState::kPendingApproval) {
    latest.state = latest.enabled_on_approval ? ProductState::kActive
                                              : ProductState::kDisabled;
    events.push_back(ProductEvent(EventType::kProductActivated, latest,
                                  caller(), "", world.now));
  }
  current_ = std::move(latest);
  ChangeSet changes;
  changes.products.push_back(current_);
  changes.events = std::move(events);
  return CommitNext(std::move(changes));
}

Effect KeyMakingFlow::OnRecorded(const World& world) {
  if (stage_ == Stage::kRecordingIntent) {
    return MakeNext(world);
  }
  return Finish(Resource(std::move(current_)));
}

Effect KeyMakingFlow::OnLost(const LostRace& race, const World& world) {
  World latest = world;
  if (race.product.has_value()) {
    latest.product = std::make_shared<const Product>(*race.product);
  }
  if (stage_ == Stage::kRecordingKeys && latest.product != nullptr) {
    return RecordKeys(*latest.product, latest);
  }
  return FlowBase::OnLost(race, latest);
}

}  // namespace countersign::core
