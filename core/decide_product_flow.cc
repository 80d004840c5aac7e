// Another person's yes or no to a product; and its switch.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
#include "core/key_making_flow.h"
#include "core/new_key.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

constexpr size_t kKeyIdOctets = 16;
constexpr size_t kMaxReason = 1024;

const char* RpcName(ProductVerb verb) {
  switch (verb) {
    case ProductVerb::kApprove:
      return "ApproveProduct";
    case ProductVerb::kReject:
      return "RejectProduct";
    case ProductVerb::kEnable:
      return "EnableProduct";
    case ProductVerb::kDisable:
      return "DisableProduct";
  }
  return "";
}

const char* Action(ProductVerb verb) {
  switch (verb) {
    case ProductVerb::kApprove:
      return "approve products";
    case ProductVerb::kReject:
      return "reject products";
    case ProductVerb::kEnable:
      return "enable products";
    case ProductVerb::kDisable:
      return "disable products";
  }
  return "";
}

class DecideProductFlow final : public KeyMakingFlow {
 public:
  explicit DecideProductFlow(DecideProduct input)
      : KeyMakingFlow(RpcName(input.verb), input.caller, input.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.product.Format();
    absl::Status status = CheckCaller(world);
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    status = CheckInput(*world.product);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    Product next = *world.product;
    next.revision += 1;
    next.update_time = world.now;
    switch (input_.verb) {
      case ProductVerb::kApprove:
        return ApproveIt(std::move(next), world);
      case ProductVerb::kReject:
        next.state = ProductState::kRejected;
        next.decision = ProductDecision{caller(), input_.reason, world.now};
        return RecordOne(EventType::kProductRejected, std::move(next), world);
      case ProductVerb::kEnable:
        next.state = ProductState::kActive;
        return RecordOne(EventType::kProductEnabled, std::move(next), world);
      case ProductVerb::kDisable:
        next.state = ProductState::kDisabled;
        return RecordOne(EventType::kProductDisabled, std::move(next), world);
    }
    return Finish(absl::InternalError("unknown verb"));
  }

  // Absent and hidden read alike; then the role; then "not their own".
  absl::Status CheckCaller(const World& world) const {
    const std::string name = input_.product.Format();
    if (world.product == nullptr ||
        !MaySeeProduct(*world.product, caller(), *world.policy)) {
      return error::NotFound(name);
    }
    const bool decides = input_.verb == ProductVerb::kApprove ||
                         input_.verb == ProductVerb::kReject;
    if (decides) {
      const absl::Status status = CheckProductApprover(
          caller(), *world.policy, Action(input_.verb), name);
      if (!status.ok()) return status;
      return world.policy->SamePerson(world.product->creator, caller())
                 ? error::OwnProduct(name)
                 : absl::OkStatus();
    }
    return CheckAdministrator(caller(), *world.policy, Action(input_.verb),
                              name);
  }

  absl::Status CheckInput(const Product& product) const {
    const std::string name = input_.product.Format();
    const bool decides = input_.verb == ProductVerb::kApprove ||
                         input_.verb == ProductVerb::kReject;
    std::vector<base::FieldViolation> violations;
    if (input_.reason.size() > kMaxReason ||
        !base::IsValidUtf8(input_.reason)) {
      violations.push_back(
          {"reason", "must be at most 1024 octets of valid UTF-8"});
    }
    if (input_.verb == ProductVerb::kReject && input_.reason.empty()) {
      violations.push_back({"reason", "is required: the author reads it"});
    }
    if (decides && input_.etag.empty()) {
      violations.push_back(
          {"etag", "is required: a decision binds to what was shown"});
    }
    if (!violations.empty()) {
      return error::BadRequest(std::move(violations));
    }
    if (!input_.etag.empty() && input_.etag != absl::StrCat(product.revision)) {
      return error::StaleEtag(name);
    }
    const absl::string_view state = ToString(product.state);
    switch (input_.verb) {
      case ProductVerb::kApprove:
      case ProductVerb::kReject:
        return product.state == ProductState::kPendingApproval &&
                       !product.decision.has_value()
                   ? absl::OkStatus()
                   : error::ProductNotPending(name, product.decision.has_value()
                                                        ? "decided"
                                                        : state);
      case ProductVerb::kEnable:
      case ProductVerb::kDisable:
        return product.state == ProductState::kActive ||
                       product.state == ProductState::kDisabled
                   ? absl::OkStatus()
                   : error::ProductNotActive(name, state);
    }
    return absl::OkStatus();
  }

  Effect ApproveIt(Product next, const World& world) {
    next.decision = ProductDecision{caller(), input_.reason, world.now};
    std::vector<Event> events;
    events.push_back(ProductEvent(EventType::kProductApproved, next, caller(),
                                  input_.reason, world.now));
    if (input_.key_ids.size() < next.operations.size()) {
      return Finish(absl::InternalError("a key id for each operation"));
    }
    for (size_t i = 0; i < next.operations.size(); ++i) {
      if (input_.key_ids[i].size() != kKeyIdOctets) {
        return Finish(absl::InternalError("a key id has 16 octets"));
      }
      Operation& operation = next.operations[i];
      KeyVersion key = operation.existing_key.has_value()
                           ? KeyToRegister(next, operation, *world.policy,
                                           *operation.existing_key, world.now)
                           : KeyToMake(next, operation, *world.policy,
                                       input_.key_ids[i], world.now);
      events.push_back(
          AddKeyVersion(std::move(key), operation, caller(), world.now));
    }
    return Record(std::move(next), std::move(events));
  }

  Effect RecordOne(EventType type, Product next, const World& world) {
    std::vector<Event> events;
    events.push_back(
        ProductEvent(type, next, caller(), input_.reason, world.now));
    return Record(std::move(next), std::move(events));
  }

  DecideProduct input_;
};

// Keys that were intended and recorded when the server ended.
class ResumeProductFlow final : public KeyMakingFlow {
 public:
  explicit ResumeProductFlow(ProductName product)
      : KeyMakingFlow("resume", ServerPrincipal(), std::move(product)) {}

 private:
  Effect Decide(const World& world) override {
    if (world.product == nullptr) {
      return Finish(error::NotFound(product().Format()));
    }
    return MakeMissingKeys(*world.product, world);
  }
};

}  // namespace

FlowPtr MakeDecideProductFlow(DecideProduct input) {
  return std::make_unique<DecideProductFlow>(std::move(input));
}

FlowPtr MakeResumeProductFlow(ProductName product) {
  return std::make_unique<ResumeProductFlow>(std::move(product));
}

}  // namespace countersign::core
