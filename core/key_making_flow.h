// The half that flows towards new keys share: keys that are recorded as
// GENERATING are made or found in the token one after another, pinned,
// recorded, told. Internal to core/.
#ifndef COUNTERSIGN_CORE_KEY_MAKING_FLOW_H_
#define COUNTERSIGN_CORE_KEY_MAKING_FLOW_H_

#include <string>
#include <vector>

#include "core/flow_base.h"

namespace countersign::core {

// Single-thread, as Flow.
class KeyMakingFlow : public FlowBase {
 public:
  ProductName product() const final { return product_; }
  Effect OnKeyMade(absl::StatusOr<KeyReport> report, const World& world) final;

 protected:
  KeyMakingFlow(std::string rpc, Principal caller, ProductName product)
      : FlowBase(std::move(rpc), std::move(caller)),
        product_(std::move(product)) {}

  Effect OnRecorded(const World& world) final;
  Effect OnLost(const LostRace& race, const World& world) final;

  // Records `product`, whose new keys are GENERATING, with `events`, then makes
  // them. A product without such keys is recorded and told.
  Effect Record(Product product, std::vector<Event> events);
  // Makes what is GENERATING in a product that is recorded already.
  Effect MakeMissingKeys(Product product, const World& world);

 private:
  enum class Stage { kRecordingIntent, kRecordingKeys, kGivingUp };

  Effect MakeNext(const World& world);
  Effect RecordKeys(Product latest, const World& world);
  // The key to be registered cannot be: what waits for it is taken back, so
  // that somebody can do it right, and `failure_` is told.
  Effect GiveUp(Product latest, const World& world);
  // Those that are to be registered come first: they are more likely to fail.
  const KeyVersion* NextGenerating() const;

  ProductName product_;
  Stage stage_ = Stage::kRecordingIntent;
  Product current_;
  std::vector<KeyVersion> made_;  // not yet recorded
  std::vector<KeyVersion> failed_;
  absl::Status failure_;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_KEY_MAKING_FLOW_H_
