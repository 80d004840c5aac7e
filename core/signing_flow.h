// The half that every flow towards a signature shares: an APPROVED request, its
// rule checked once more, its key used, the result recorded, then told.
// Internal to core/.
#ifndef COUNTERSIGN_CORE_SIGNING_FLOW_H_
#define COUNTERSIGN_CORE_SIGNING_FLOW_H_

#include <optional>
#include <string>
#include <vector>

#include "core/flow_base.h"
#include "core/signing_request.h"

namespace countersign::core {

// Single-thread, as Flow.
class SigningFlow : public FlowBase {
 public:
  ProductName product() const final { return product_; }
  Effect OnSigned(SignResult result, const World& world) final;

 protected:
  SigningFlow(std::string rpc, Principal caller, ProductName product)
      : FlowBase(std::move(rpc), std::move(caller)),
        product_(std::move(product)) {}

  Effect OnRecorded(const World& world) final;
  Effect OnLost(const LostRace& race, const World& world) final;

  // The first commit of the derived flow is durable.
  virtual Effect OnDecided(const World& world) = 0;
  // The first commit of the derived flow lost.
  virtual Effect OnDecisionLost(const LostRace& race, const World& world) = 0;

  // Uses the key for `request`, whose APPROVED state is durable; the answer, if
  // none was given, is the SIGNED request.
  Effect UseKey(SigningRequest request, const World& world);

  // The uses of the key that `request` leads to, where they are limited: for
  // the change set that records the intent.
  static std::vector<KeyUse> UsesOf(const SigningRequest& request,
                                    const World& world);
  // What the signer must have room for.
  static std::optional<SignNeed> NeedOf(const SigningRequest& request,
                                        const World& world);
  // KEY_LIMIT_REACHED, for a race lost with those uses.
  static absl::Status LimitReached(const SigningRequest& request,
                                   const World& world);
  // The request FAILED: recorded, then told as `error`.
  Effect RecordFailure(const SigningRequest& request, const absl::Status& error,
                       const World& world);

 private:
  enum class Stage { kDeciding, kRecordingSignature, kRecordingEnd };

  Effect RecordSignature(const World& world);
  Effect RecordFailure(const absl::Status& error, const World& world);
  // The key may have been used: recorded, then told.
  Effect RecordInterruption(const absl::Status& error, const World& world);

  ProductName product_;
  Stage stage_ = Stage::kDeciding;
  SigningRequest request_;  // APPROVED until the result is decided
  SigningRequest result_;   // what was last sent to be recorded
  std::vector<DigestSignature> signatures_;
  absl::Status failure_;
  std::optional<Event> interruption_;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNING_FLOW_H_
