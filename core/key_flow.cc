// Keys in their life: rotation, chains, certificate requests.
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
#include "core/key_making_flow.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

// The operation, for an administrator of a product that is in use.
absl::Status FindForAdministrator(const World& world, const Principal& caller,
                                  const OperationName& name,
                                  absl::string_view action,
                                  const Operation** operation) {
  const std::string text = name.Format();
  if (world.product == nullptr ||
      !MaySeeProduct(*world.product, caller, *world.policy)) {
    return error::NotFound(text);
  }
  const absl::Status status =
      CheckAdministrator(caller, *world.policy, action, text);
  if (!status.ok()) return status;
  *operation = world.product->FindOperation(name.operation);
  return *operation == nullptr ? error::NotFound(text) : absl::OkStatus();
}

absl::Status CheckInUse(const Product& product) {
  if (product.state != ProductState::kActive &&
      product.state != ProductState::kDisabled) {
    return error::ProductNotActive(product.name.Format(),
                                   ToString(product.state));
  }
  return absl::OkStatus();
}

class RotateKeyFlow final : public KeyMakingFlow {
 public:
  explicit RotateKeyFlow(RotateKey input)
      : KeyMakingFlow("RotateKey", input.caller, input.operation.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const Operation* found = nullptr;
    absl::Status status = FindForAdministrator(
        world, caller(), input_.operation, "rotate keys", &found);
    if (!status.ok()) {
      return Refuse(std::move(status), input_.operation.Format(), world);
    }
    status = CheckInUse(*world.product);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    Product next = *world.product;
    Operation& operation = *next.FindOperation(input_.operation.operation);
    KeyVersion key;
    key.name =
        KeyVersionName{operation.name,
                       static_cast<int64_t>(operation.key_versions.size()) + 1};
    key.type = operation.key_type;
    key.key_id = input_.key_id;
    key.create_time = world.now;
    std::vector<Event> events;
    events.push_back(
        KeyEvent(EventType::kKeyGenerating, key, caller(), world.now));
    operation.key_versions.push_back(std::move(key));
    next.revision += 1;
    next.update_time = world.now;
    return Record(std::move(next), std::move(events));
  }

  RotateKey input_;
};

class SetChainFlow final : public KeyMakingFlow {
 public:
  explicit SetChainFlow(SetChain input)
      : KeyMakingFlow("SetCertificateChain", input.caller,
                      input.key_version.operation.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* found = nullptr;
    absl::Status status =
        FindForAdministrator(world, caller(), input_.key_version.operation,
                             "set certificate chains", &found);
    if (status.ok() &&
        found->FindKeyVersion(input_.key_version.version) == nullptr) {
      status = error::NotFound(name);
    }
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    if (found->type != OperationType::kDetachedSignature) {
      return Finish(error::EncodingNotPossible(found->name.Format()));
    }
    if (world.now >= input_.chain.not_after) {
      return Finish(error::ChainExpired(name, input_.chain.not_after));
    }
    Product next = *world.product;
    std::vector<Event> events;
    for (KeyVersion& key :
         next.FindOperation(found->name.operation)->key_versions) {
      if (key.name == input_.key_version) {
        key.chain = input_.chain;
        events.push_back(
            KeyEvent(EventType::kKeyChainSet, key, caller(), world.now));
      }
    }
    next.revision += 1;
    next.update_time = world.now;
    return Record(std::move(next), std::move(events));
  }

  SetChain input_;
};

class SignCsrFlow final : public FlowBase {
 public:
  explicit SignCsrFlow(SignCsr input)
      : FlowBase("CreateCertificateSigningRequest", input.caller),
        input_(std::move(input)) {}

  ProductName product() const override {
    return input_.key_version.operation.product;
  }

  Effect OnSigned(SignResult result, const World&) override {
    if (!result.ok()) {
      return Finish(result.status());
    }
    return Finish(Resource(result->front()));
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* found = nullptr;
    absl::Status status = FindForAdministrator(
        world, caller(), input_.key_version.operation, "make CSRs", &found);
    const KeyVersion* key =
        status.ok() ? found->FindKeyVersion(input_.key_version.version)
                    : nullptr;
    if (status.ok() && key == nullptr) {
      status = error::NotFound(name);
    }
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    if (key->state != KeyState::kEnabled) {
      return Finish(error::NoSigningKey(found->name.Format()));
    }
    key_ = KeyRef{key->key_id, key->name.Format(), key->type, key->spki};
    ChangeSet changes;
    changes.expected.emplace_back(product(), world.product->revision);
    changes.events.push_back(CsrEvent(*key, world.now));
    return CommitNext(std::move(changes));
  }

  Event CsrEvent(const KeyVersion& key, absl::Time now) const {
    Event event = KeyEvent(EventType::kCsrSigned, key, caller(), now);
    event.details.Set("algorithm", ToString(input_.algorithm));
    event.details.Set("digest", base::HexEncode(input_.digest));
    event.details.Set("hash", ToString(input_.hash));
    event.details.Set("subject", input_.subject);
    return event;
  }

  // The use is recorded: now the key may be used.
  Effect OnRecorded(const World&) override {
    SignJob job;
    job.key = key_;
    job.algorithm = input_.algorithm;
    job.hash = input_.hash;
    job.digests.push_back(input_.digest);
    job.deadline = absl::InfiniteFuture();
    return Effect{std::nullopt, SignEffect{std::move(job)}};
  }

  SignCsr input_;
  KeyRef key_;
};

}  // namespace

FlowPtr MakeRotateKeyFlow(RotateKey input) {
  return std::make_unique<RotateKeyFlow>(std::move(input));
}

FlowPtr MakeSetChainFlow(SetChain input) {
  return std::make_unique<SetChainFlow>(std::move(input));
}

FlowPtr MakeSignCsrFlow(SignCsr input) {
  return std::make_unique<SignCsrFlow>(std::move(input));
}

}  // namespace countersign::core
