// What the victim does: the main job in small, through the real pipeline. Every
// step can be done again, as callers do after a crash.
#ifndef COUNTERSIGN_TESTS_CRASH_SCENARIO_H_
#define COUNTERSIGN_TESTS_CRASH_SCENARIO_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "core/store.h"
#include "server/pipeline/pipeline.h"
#include "tests/crash/journal.h"

namespace countersign::crash {

core::Policy ScenarioPolicy();

// The requests that have to be there in the end, by their idempotency key.
struct ExpectedRequest {
  std::string request_id;
  core::RequestState state;
};
std::vector<ExpectedRequest> ExpectedRequests();

// Single-thread. Everything it is given must outlive it.
class Scenario {
 public:
  struct Parts {
    server::Pipeline& pipeline;
    core::Store& store;
    const base::Clock& clock;
    base::Random& random;
    Journal& journal;
    // Brings what was numbered so far into the tree.
    std::function<absl::Status()> integrate;
    // Starts what a crash left behind (server/pipeline/sweeper.h).
    std::function<void()> recover;
  };
  explicit Scenario(Parts parts) : parts_(std::move(parts)) {}

  // Blocks until all of it is done.
  absl::Status Run();

 private:
  absl::Status MakeProduct();
  absl::Status ApproveProduct();
  absl::StatusOr<core::SigningRequest> Ask(const core::Principal& who,
                                           const std::string& request_id);
  absl::Status Decide(core::RequestVerb verb, const core::Principal& who,
                      const core::SigningRequest& request);
  absl::Status AwaitSigned(const core::RequestName& name);
  // Until `done` says so; gives up after 20 s.
  absl::Status Await(const std::function<absl::StatusOr<bool>()>& done);
  void Deny();

  Parts parts_;
};

}  // namespace countersign::crash

#endif  // COUNTERSIGN_TESTS_CRASH_SCENARIO_H_
