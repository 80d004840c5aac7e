// Somebody, or the calendar, asks for another certificate; who agrees is
// another (issue_certificate_flow.cc).
#include <utility>

#include "core/certificate_events.h"
#include "core/certificate_life.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"
#include "core/key_access.h"

namespace countersign::core {
namespace {

class RequestRenewalFlow final : public FlowBase {
 public:
  explicit RequestRenewalFlow(RequestRenewal input)
      : FlowBase("RequestCertificateRenewal", input.caller),
        input_(std::move(input)) {}

  ProductName product() const override {
    return input_.key_version.operation.product;
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* operation = nullptr;
    const KeyVersion* key = nullptr;
    absl::Status status = Find(world, &operation, &key);
    if (status.ok()) {
      status = CheckMayBeCertified(*world.product, *operation, *key);
    }
    if (status.ok() && key->issued.empty()) {
      status = error::CertificateMissing(name);
    }
    if (status.ok() && key->renewal.has_value()) {
      status = error::RenewalPending(name);
    }
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    next_ = *world.product;
    next_.revision += 1;
    next_.update_time = world.now;
    ChangeSet changes;
    for (KeyVersion& changed :
         next_.FindOperation(operation->name.operation)->key_versions) {
      if (!(changed.name == input_.key_version)) continue;
      changed.renewal = PendingRenewal{caller(), world.now};
      changes.events.push_back(
          RenewalRequestedEvent(changed, caller(), world.now));
    }
    changes.products.push_back(next_);
    return CommitNext(std::move(changes));
  }

  // The server needs no group.
  absl::Status Find(const World& world, const Operation** operation,
                    const KeyVersion** key) const {
    if (!caller().SameIdentity(ServerPrincipal())) {
      return FindKeyForAdministrator(world, caller(), input_.key_version,
                                     "request certificate renewals", operation,
                                     key);
    }
    const absl::Status missing = error::NotFound(input_.key_version.Format());
    if (world.product == nullptr) return missing;
    *operation =
        world.product->FindOperation(input_.key_version.operation.operation);
    if (*operation == nullptr) return missing;
    *key = (*operation)->FindKeyVersion(input_.key_version.version);
    return *key == nullptr ? missing : absl::OkStatus();
  }

  Effect OnRecorded(const World&) override { return Finish(Resource(next_)); }

  Effect OnLost(const LostRace& race, const World& world) override {
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return FlowBase::OnLost(race, latest);
  }

  RequestRenewal input_;
  Product next_;
};

}  // namespace

FlowPtr MakeRequestRenewalFlow(RequestRenewal input) {
  return std::make_unique<RequestRenewalFlow>(std::move(input));
}

}  // namespace countersign::core
