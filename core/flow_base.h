// What all flows share: one answer and no more, refusals that are recorded
// before they are told, and a bound on lost races. Internal to core/; flows.h
// is the door.
#ifndef COUNTERSIGN_CORE_FLOW_BASE_H_
#define COUNTERSIGN_CORE_FLOW_BASE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/event.h"
#include "core/flow.h"

namespace countersign::core {

// A leaf that says: this call was refused, and why.
Event DeniedEvent(const Principal& caller, const std::string& rpc,
                  const std::string& resource, const absl::Status& error,
                  absl::Time now);

// Single-thread, as Flow.
class FlowBase : public Flow {
 public:
  Effect Start(const World& world) final;
  Effect OnCommitted(const absl::StatusOr<CommitOutcome>& outcome,
                     const World& world) final;
  // Flows without a signature or a key keep these: they are never asked for.
  Effect OnSigned(SignResult result, const World& world) override;
  Effect OnKeyMade(absl::StatusOr<KeyReport> report,
                   const World& world) override;
  Effect OnKeyDestroyed(absl::Status status, const World& world) override;

 protected:
  // `rpc` and `caller` are for the leaf of a refusal.
  FlowBase(std::string rpc, Principal caller)
      : rpc_(std::move(rpc)), caller_(std::move(caller)) {}

  // Decides; also asked again after a lost race.
  virtual Effect Decide(const World& world) = 0;
  // The last CommitEffect is durable.
  virtual Effect OnRecorded(const World& world) = 0;
  // It lost its race. The default decides again, at most kMaxRaces times.
  virtual Effect OnLost(const LostRace& race, const World& world);

  // The answer, where it was not given yet, and the end.
  Effect Finish(Answer answer);
  // The answer now, and on with `next`.
  Effect AnswerAndGoOn(Answer answer, Effect next);
  // Refuses. PERMISSION_DENIED, UNAUTHENTICATED and NOT_FOUND are recorded
  // first; what else was wrong with a call is told at once.
  Effect Refuse(absl::Status error, const std::string& resource,
                const World& world);

  const Principal& caller() const { return caller_; }

 private:
  static constexpr int kMaxRaces = 8;

  std::string rpc_;
  Principal caller_;
  std::optional<absl::Status> refusal_;  // told when its leaf is durable
  bool answered_ = false;
  int races_ = 0;
};

// One commit effect; with `need`, done only where the signer has room for what
// follows.
Effect CommitNext(ChangeSet changes,
                  std::optional<SignNeed> need = std::nullopt);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FLOW_BASE_H_
