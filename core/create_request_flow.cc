// Asking for signatures: may this caller ask for that, and does anybody have to
// agree?
#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
#include "core/operation_check.h"
#include "core/request_events.h"
#include "core/signing_flow.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxRequestIdOctets = 64;

// The newest that may sign but for a chain.
const KeyVersion* NewestOf(const Operation& operation, absl::Time now) {
  const auto& keys = operation.key_versions;
  const auto found =
      std::find_if(keys.rbegin(), keys.rend(),
                   [now](const KeyVersion& key) { return key.MaySign(now); });
  return found == keys.rend() ? nullptr : &*found;
}

class CreateRequestFlow final : public SigningFlow {
 public:
  explicit CreateRequestFlow(CreateRequest input)
      : SigningFlow("CreateSigningRequest", input.caller,
                    input.content.operation.product),
        input_(std::move(input)) {}

 private:
  Effect Decide(const World& world) override {
    const std::string parent = input_.content.operation.Format();
    const Operation* operation = nullptr;
    absl::Status status = CheckCaller(world, &operation);
    if (!status.ok()) {
      return Refuse(std::move(status), parent, world);
    }
    if (input_.default_algorithm && !operation->allowed_algorithms.empty()) {
      input_.content.algorithm = operation->allowed_algorithms.front();
    }
    status = CheckInput();
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    status = CheckOperation(*world.product, *operation, input_.content);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    const KeyVersion* key = operation->SigningKey(world.now);
    // Where only a chain is missing, that is what the caller should read.
    if (key == nullptr) key = NewestOf(*operation, world.now);
    status = CheckKey(*operation, key, input_.content.encoding, world.now);
    if (!status.ok()) {
      return Finish(std::move(status));
    }
    request_ = NewRequest(*operation, *key, world.now);
    if (input_.validate_only) {
      return Finish(Resource(request_));
    }
    ChangeSet changes;
    changes.requests.push_back(request_);
    changes.expected.emplace_back(product(), world.product->revision);
    changes.events.push_back(RequestCreatedEvent(request_));
    if (request_.state != RequestState::kApproved) {
      return CommitNext(std::move(changes));
    }
    // The key is used next: counted now, and not begun where it would wait too
    // long.
    changes.key_uses = UsesOf(request_, world);
    return CommitNext(std::move(changes), NeedOf(request_, world));
  }

  // What the caller may not even see reads as absent.
  absl::Status CheckCaller(const World& world,
                           const Operation** operation) const {
    const std::string parent = input_.content.operation.Format();
    if (world.product == nullptr ||
        !MaySeeProduct(*world.product, caller(), *world.policy)) {
      return error::NotFound(parent);
    }
    *operation =
        world.product->FindOperation(input_.content.operation.operation);
    if (*operation == nullptr) {
      return error::NotFound(parent);
    }
    if (!(*operation)->rule.MayAsk(caller())) {
      return error::PermissionDenied(caller().subject, "ask for signatures",
                                     parent);
    }
    return (*operation)->rule.CheckClaims(caller(), parent);
  }

  absl::Status CheckInput() const {
    std::vector<base::FieldViolation> violations = CheckContent(input_.content);
    if (input_.request_id.size() > kMaxRequestIdOctets ||
        !base::IsValidUtf8(input_.request_id)) {
      violations.push_back(
          {"request_id", "must be at most 64 octets of UTF-8, best a UUID"});
    }
    if (input_.expire_in < absl::ZeroDuration()) {
      violations.push_back({"expire_in", "must not be negative"});
    }
    return violations.empty() ? absl::OkStatus()
                              : error::BadRequest(std::move(violations));
  }

  SigningRequest NewRequest(const Operation& operation, const KeyVersion& key,
                            absl::Time now) const {
    SigningRequest request;
    request.name = RequestName{operation.name, input_.new_id};
    request.content = input_.content;
    request.requester = caller();
    request.request_id = input_.request_id;
    request.rule = operation.rule;
    request.key_version = key.name.version;
    request.key_spki_sha256 = base::Sha256Hex(key.spki);
    request.state = operation.rule.NeedsNoApproval(caller())
                        ? RequestState::kApproved
                        : RequestState::kPendingApproval;
    // To the microsecond, as leaves tell it, so that everybody can compute the
    // etag from the record.
    now = absl::FromUnixMicros(absl::ToUnixMicros(now));
    request.create_time = now;
    request.update_time = now;
    const absl::Duration wait =
        input_.expire_in == absl::ZeroDuration()
            ? operation.rule.request_expiry
            : std::min(input_.expire_in, operation.rule.request_expiry);
    request.expire_time = absl::FromUnixMicros(absl::ToUnixMicros(now + wait));
    request.revision = 1;
    return request;
  }

  Effect OnDecided(const World& world) override {
    if (request_.state != RequestState::kApproved) {
      return Finish(Resource(request_));
    }
    return UseKey(request_, world);
  }

  Effect OnDecisionLost(const LostRace& race, const World& world) override {
    if (race.what == LostRace::What::kRequestId && race.request.has_value()) {
      // A retry of what is there already, or the same id for something else.
      if (ContentDigest(race.request->content) ==
          ContentDigest(input_.content)) {
        return Finish(Resource(*race.request));
      }
      return Finish(error::RequestIdReused(input_.request_id,
                                           race.request->name.Format()));
    }
    if (race.what == LostRace::What::kKeyLimit) {
      return Finish(LimitReached(request_, world));
    }
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return FlowBase::OnLost(race, latest);
  }

  CreateRequest input_;
  SigningRequest request_;
};

}  // namespace

FlowPtr MakeCreateRequestFlow(CreateRequest input) {
  return std::make_unique<CreateRequestFlow>(std::move(input));
}

}  // namespace countersign::core
