// Runs flows to their end with the fakes, in one thread: what server/pipeline
// does with queues, done with a loop. Tests can look at each effect and let
// something happen before it is done.
#ifndef COUNTERSIGN_CORE_FLOW_TEST_DRIVER_H_
#define COUNTERSIGN_CORE_FLOW_TEST_DRIVER_H_

#include <functional>
#include <memory>
#include <optional>

#include "base/fake_clock.h"
#include "core/flow.h"
#include "core/flows.h"
#include "core/signer.h"
#include "core/store.h"

namespace countersign::core {

// Single-thread. The signer must answer before Sign returns.
class FlowTestDriver {
 public:
  FlowTestDriver(Store& store, Signer& signer, base::FakeClock& clock,
                 Policy policy)
      : store_(store),
        signer_(signer),
        clock_(clock),
        policy_(std::make_shared<const Policy>(std::move(policy))) {}

  // Called before each effect is done, with the count of effects so far.
  std::function<void(const Effect&, int)> before;
  // Where set and the count reaches it, the run stops as in a crash: the effect
  // is not done, the answer (if any) is lost.
  std::optional<int> crash_at;

  // The flow's answer; nullopt where it crashed before one was given.
  std::optional<Answer> Run(FlowPtr flow) {
    std::optional<Answer> answer;
    Effect effect = flow->Start(See(*flow));
    for (int step = 0;; ++step) {
      if (before) before(effect, step);
      if (effect.answer.has_value()) {
        if (answer.has_value()) ++answers_given_twice;
        answer = std::move(effect.answer);
      }
      if (std::holds_alternative<DoneEffect>(effect.next)) return answer;
      if (crash_at.has_value() && step >= *crash_at) return answer;
      effect = Do(*flow, std::move(effect));
    }
  }

  World See(const Flow& flow) {
    World world;
    world.policy = policy_;
    world.now = clock_.Now();
    absl::StatusOr<Product> product = store_.GetProduct(flow.product());
    if (product.ok()) {
      world.product = std::make_shared<const Product>(*std::move(product));
    }
    return world;
  }

  int answers_given_twice = 0;

 private:
  Effect Do(Flow& flow, Effect effect) {
    if (auto* commit = std::get_if<CommitEffect>(&effect.next)) {
      if (commit->need.has_value()) {
        const absl::StatusOr<RoomPtr> room =
            signer_.Reserve(commit->need->key, commit->need->digests);
        if (!room.ok()) return flow.OnCommitted(room.status(), See(flow));
      }
      absl::StatusOr<std::vector<CommitOutcome>> outcomes =
          store_.Commit(absl::MakeConstSpan(&commit->changes, 1));
      if (!outcomes.ok()) {
        return flow.OnCommitted(outcomes.status(), See(flow));
      }
      return flow.OnCommitted(outcomes->front(), See(flow));
    }
    if (auto* sign = std::get_if<SignEffect>(&effect.next)) {
      std::optional<SignResult> result;
      signer_.Sign(std::move(sign->job),
                   [&result](SignResult r) { result = std::move(r); });
      return flow.OnSigned(result.has_value()
                               ? *std::move(result)
                               : SignResult(absl::InternalError("no answer")),
                           See(flow));
    }
    if (auto* make = std::get_if<MakeKeyEffect>(&effect.next)) {
      absl::StatusOr<KeyReport> report = make->existing
                                             ? signer_.RegisterKey(make->key)
                                             : signer_.MakeKey(make->key);
      return flow.OnKeyMade(std::move(report), See(flow));
    }
    const auto& destroy = std::get<DestroyKeyEffect>(effect.next);
    return flow.OnKeyDestroyed(signer_.DestroyKey(destroy.key), See(flow));
  }

  Store& store_;
  Signer& signer_;
  base::FakeClock& clock_;
  std::shared_ptr<const Policy> policy_;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FLOW_TEST_DRIVER_H_
