#include "core/key_making_flow.h"

#include <algorithm>
#include <utility>

#include "core/errors.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

bool SameKey(const KeyVersion& a, const KeyVersion& b) {
  return a.name == b.name && a.key_id == b.key_id;
}

bool IsMade(const std::vector<KeyVersion>& made, const KeyVersion& key) {
  return std::any_of(made.begin(), made.end(),
                     [&](const KeyVersion& m) { return SameKey(m, key); });
}

bool IsAnyGenerating(const Product& product) {
  for (const Operation& operation : product.operations) {
    for (const KeyVersion& key : operation.key_versions) {
      if (key.state == KeyState::kGenerating) return true;
    }
  }
  return false;
}

// Of a key that should be in the HSM: asking again will not help, somebody has
// to change something.
bool IsFinal(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    default:
      return false;
  }
}

KeyVersion Pinned(KeyVersion key, KeyReport report) {
  key.spki = std::move(report.spki);
  key.findings = std::move(report.findings);
  if (key.tokens.empty()) {
    for (const TokenFindings& found : key.findings) {
      key.tokens.push_back(found.token);
    }
  }
  key.state = KeyState::kEnabled;
  return key;
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

const KeyVersion* KeyMakingFlow::NextGenerating() const {
  const KeyVersion* next = nullptr;
  for (const Operation& operation : current_.operations) {
    for (const KeyVersion& key : operation.key_versions) {
      if (key.state != KeyState::kGenerating || IsMade(made_, key)) continue;
      if (key.registered) return &key;
      if (next == nullptr) next = &key;
    }
  }
  return next;
}

Effect KeyMakingFlow::MakeNext(const World& world) {
  const KeyVersion* key = NextGenerating();
  // What is registered is recorded before anything is made: where another key
  // version has that key, nothing was made in vain.
  const bool record =
      !made_.empty() &&
      (key == nullptr || (made_.back().registered && !key->registered));
  if (record) {
    return RecordKeys(current_, world);
  }
  if (key == nullptr) {
    return Finish(Resource(current_));
  }
  return Effect{std::nullopt, MakeKeyEffect{RefOf(*key), key->registered}};
}

Effect KeyMakingFlow::OnKeyMade(absl::StatusOr<KeyReport> report,
                                const World& world) {
  const KeyVersion* key = NextGenerating();
  if (key == nullptr) {
    return Finish(absl::InternalError("a key that nobody asked for"));
  }
  if (!report.ok() && key->registered && IsFinal(report.status())) {
    failed_ = {*key};
    failure_ = report.status();
    return GiveUp(current_, world);
  }
  if (!report.ok()) {
    // What is recorded as GENERATING is made at the next start or sweep.
    return Finish(report.status());
  }
  made_.push_back(Pinned(*key, *std::move(report)));
  return MakeNext(world);
}

Effect KeyMakingFlow::RecordKeys(Product latest, const World& world) {
  stage_ = Stage::kRecordingKeys;
  std::vector<Event> events;
  for (Operation& operation : latest.operations) {
    for (KeyVersion& key : operation.key_versions) {
      for (const KeyVersion& made : made_) {
        if (SameKey(made, key) && key.state == KeyState::kGenerating) {
          key = made;
          events.push_back(KeyEvent(key.registered ? EventType::kKeyRegistered
                                                   : EventType::kKeyGenerated,
                                    key, caller(), world.now));
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
  if (latest.state == ProductState::kPendingApproval &&
      !IsAnyGenerating(latest)) {
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

Effect KeyMakingFlow::GiveUp(Product latest, const World& world) {
  stage_ = Stage::kGivingUp;
  if (latest.state == ProductState::kPendingApproval) {
    // The approval with it: approve again when the key is right, or reject.
    latest.decision.reset();
    for (Operation& operation : latest.operations) {
      operation.key_versions.clear();
    }
  } else {
    for (Operation& operation : latest.operations) {
      std::vector<KeyVersion>& keys = operation.key_versions;
      keys.erase(std::remove_if(keys.begin(), keys.end(),
                                [&](const KeyVersion& key) {
                                  return IsMade(failed_, key) &&
                                         key.state == KeyState::kGenerating;
                                }),
                 keys.end());
    }
  }
  latest.revision += 1;
  latest.update_time = world.now;
  current_ = std::move(latest);
  made_.clear();
  ChangeSet changes;
  changes.products.push_back(current_);
  for (const KeyVersion& key : failed_) {
    changes.events.push_back(
        KeyFailedEvent(key, caller(), failure_, world.now));
  }
  return CommitNext(std::move(changes));
}

Effect KeyMakingFlow::OnRecorded(const World& world) {
  switch (stage_) {
    case Stage::kRecordingIntent:
      return MakeNext(world);
    case Stage::kRecordingKeys:
      made_.clear();
      return MakeNext(world);
    case Stage::kGivingUp:
      return Finish(failure_);
  }
  return Finish(absl::InternalError("key making flow without a stage"));
}

Effect KeyMakingFlow::OnLost(const LostRace& race, const World& world) {
  if (race.what == LostRace::What::kKeyTaken) {
    failure_ = error::KeyTaken(race.holder.has_value() ? race.holder->Format()
                                                       : "another product");
    if (stage_ != Stage::kRecordingKeys || world.product == nullptr) {
      return Finish(failure_);
    }
    failed_ = made_;
    return GiveUp(*world.product, world);
  }
  World latest = world;
  if (race.product.has_value()) {
    latest.product = std::make_shared<const Product>(*race.product);
  }
  if (stage_ == Stage::kRecordingKeys && latest.product != nullptr) {
    return RecordKeys(*latest.product, latest);
  }
  if (stage_ == Stage::kGivingUp && latest.product != nullptr) {
    return GiveUp(*latest.product, latest);
  }
  return FlowBase::OnLost(race, latest);
}

}  // namespace countersign::core
