// What a certificate authority outside and a key have to do with each other:
// certificate requests and chains.
#include <utility>

#include "base/encoding.h"
#include "core/certificate_life.h"
#include "core/errors.h"
#include "core/flows.h"
#include "core/key_access.h"
#include "core/key_making_flow.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

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
    const KeyVersion* version = nullptr;
    absl::Status status =
        FindKeyForAdministrator(world, caller(), input_.key_version,
                                "set certificate chains", &found, &version);
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    if (version->state == KeyState::kDestroyed) {
      return Finish(error::KeyStateWrong(name, ToString(version->state),
                                         "not destroyed",
                                         "set certificate chains"));
    }
    if (found->type != OperationType::kDetachedSignature) {
      return Finish(error::EncodingNotPossible(found->name.Format()));
    }
    if (IsIssuedInside(*found)) {
      return Finish(error::IssuedInside(found->name.Format()));
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
    return Finish(Resource(std::move(result->front().value)));
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.key_version.Format();
    const Operation* found = nullptr;
    const KeyVersion* key = nullptr;
    absl::Status status = FindKeyForAdministrator(
        world, caller(), input_.key_version, "make CSRs", &found, &key);
    if (!status.ok()) {
      return Refuse(std::move(status), name, world);
    }
    if (key->state != KeyState::kEnabled) {
      return Finish(error::NoSigningKey(found->name.Format()));
    }
    key_ = RefOf(*key);
    limit_ = key->max_signatures;
    ChangeSet changes;
    if (limit_ > 0) changes.key_uses.push_back({key->name, 1, limit_});
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

  Effect OnLost(const LostRace& race, const World& world) override {
    if (race.what == LostRace::What::kKeyLimit) {
      return Finish(
          error::KeyLimitReached(input_.key_version.Format(), limit_));
    }
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return FlowBase::OnLost(race, latest);
  }

  // The use is recorded: now the key may be used.
  Effect OnRecorded(const World&) override {
    SignJob job;
    job.key = key_;
    job.algorithm = input_.algorithm;
    job.hash = input_.hash;
    job.digests.push_back(input_.digest);
    job.deadline = absl::InfiniteFuture();
    job.share = product().product;
    return Effect{std::nullopt, SignEffect{std::move(job)}};
  }

  SignCsr input_;
  KeyRef key_;
  int64_t limit_ = 0;
};

}  // namespace

FlowPtr MakeSetChainFlow(SetChain input) {
  return std::make_unique<SetChainFlow>(std::move(input));
}

FlowPtr MakeSignCsrFlow(SignCsr input) {
  return std::make_unique<SignCsrFlow>(std::move(input));
}

}  // namespace countersign::core
