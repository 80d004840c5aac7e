// A refused read: recorded, then told.
#include <utility>

#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"

namespace countersign::core {
namespace {

class DenialFlow final : public FlowBase {
 public:
  DenialFlow(Principal caller, std::string rpc, std::string resource,
             absl::Status error, base::Json::Object more)
      : FlowBase(rpc, caller),
        resource_(std::move(resource)),
        rpc_(std::move(rpc)),
        error_(std::move(error)),
        more_(std::move(more)) {}

  ProductName product() const override { return {}; }

 private:
  Effect Decide(const World& world) override {
    ChangeSet changes;
    Event event = DeniedEvent(caller(), rpc_, resource_, error_, world.now);
    for (const auto& [member, value] : more_) event.details.Set(member, value);
    changes.events.push_back(std::move(event));
    return CommitNext(std::move(changes));
  }
  Effect OnRecorded(const World&) override { return Finish(error_); }

  std::string resource_;
  std::string rpc_;
  absl::Status error_;
  base::Json::Object more_;
};

}  // namespace

FlowPtr MakeDenialFlow(Principal caller, std::string rpc, std::string resource,
                       absl::Status error, base::Json::Object more) {
  return std::make_unique<DenialFlow>(std::move(caller), std::move(rpc),
                                      std::move(resource), std::move(error),
                                      std::move(more));
}

}  // namespace countersign::core
