// A CRL of the site's own authority: recorded, then signed.
#include <utility>

#include "core/certificate_events.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"

namespace countersign::core {
namespace {

class SignCrlFlow final : public FlowBase {
 public:
  explicit SignCrlFlow(SignCrl input)
      : FlowBase("sign-crl", ServerPrincipal()), input_(std::move(input)) {}

  ProductName product() const override { return {}; }

  Effect OnSigned(SignResult result, const World&) override {
    if (!result.ok()) {
      return Finish(result.status());
    }
    return Finish(Resource(std::move(result->front().value)));
  }

 private:
  Effect Decide(const World& world) override {
    const IssuingCa* ca = world.policy->FindIssuingCa(input_.ca.name);
    if (ca == nullptr || !(*ca == input_.ca)) {
      // The configuration has changed; whoever asks, asks again.
      return Finish(error::ConcurrentChange(input_.ca.name));
    }
    ChangeSet changes;
    changes.events.push_back(CrlSignedEvent(input_, world.now));
    return CommitNext(std::move(changes), SignNeed{input_.ca.key, 1});
  }

  // The use is recorded: now the key may be used.
  Effect OnRecorded(const World&) override {
    SignJob job;
    job.key = input_.ca.key;
    job.algorithm = input_.ca.algorithm;
    job.hash = input_.ca.hash;
    job.digests.push_back(input_.digest);
    job.deadline = absl::InfiniteFuture();
    return Effect{std::nullopt, SignEffect{std::move(job)}};
  }

  SignCrl input_;
};

}  // namespace

FlowPtr MakeSignCrlFlow(SignCrl input) {
  return std::make_unique<SignCrlFlow>(std::move(input));
}

}  // namespace countersign::core
