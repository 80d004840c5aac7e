// A product as an administrator wants it, before anybody has agreed.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/sha256.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flow_base.h"
#include "core/flows.h"
#include "core/product_check.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

class CreateProductFlow final : public FlowBase {
 public:
  explicit CreateProductFlow(CreateProduct input)
      : FlowBase("CreateProduct", input.caller),
        product_(std::move(input.product)) {}

  ProductName product() const override { return product_.name; }

 private:
  Effect Decide(const World& world) override {
    const std::string name = product_.name.Format();
    const absl::Status status =
        CheckAdministrator(caller(), *world.policy, "create products", name);
    if (!status.ok()) {
      return Refuse(status, name, world);
    }
    if (product_.token.empty()) product_.token = world.policy->default_token;
    std::vector<base::FieldViolation> violations =
        CheckProduct(product_, *world.policy);
    if (!violations.empty()) {
      return Finish(error::BadRequest(std::move(violations)));
    }
    NameProfiles(*world.policy);
    absl::StatusOr<std::string> canonical =
        base::CanonicalJson(ProductJson(product_));
    if (!canonical.ok()) {
      return Finish(canonical.status());
    }
    product_.content_digest = base::Sha256Hex(*canonical);
    product_.state = ProductState::kPendingApproval;
    product_.creator = caller();
    product_.decision.reset();
    product_.create_time = world.now;
    product_.update_time = world.now;
    product_.revision = 1;
    for (Operation& operation : product_.operations) {
      operation.key_versions.clear();
      operation.enabled = true;
    }
    ChangeSet changes;
    changes.products.push_back(product_);
    changes.events.push_back(ProductEvent(EventType::kProductCreated, product_,
                                          caller(), "", world.now));
    return CommitNext(std::move(changes));
  }

  // Where none is asked for, the first: who approves sees which one it is, and
  // a later configuration does not change it.
  void NameProfiles(const Policy& policy) {
    for (Operation& operation : product_.operations) {
      if (!operation.certificate.has_value() ||
          operation.certificate->external_root) {
        continue;
      }
      CertificateInfo& info = *operation.certificate;
      info.profile_id = policy.FindProfile(info.profile_id).second->id;
    }
  }

  Effect OnRecorded(const World&) override {
    return Finish(Resource(product_));
  }

  Effect OnLost(const LostRace& race, const World&) override {
    const bool retry = race.product.has_value() &&
                       !product_.request_id.empty() &&
                       race.product->request_id == product_.request_id &&
                       race.product->creator.SameIdentity(caller());
    if (!retry) {
      return Finish(error::AlreadyExists(product_.name.Format()));
    }
    if (race.product->content_digest != product_.content_digest) {
      return Finish(
          error::RequestIdReused(product_.request_id, product_.name.Format()));
    }
    return Finish(Resource(*race.product));
  }

  Product product_;
};

}  // namespace

FlowPtr MakeCreateProductFlow(CreateProduct input) {
  return std::make_unique<CreateProductFlow>(std::move(input));
}

}  // namespace countersign::core
