// Agreeing, refusing, withdrawing, expiring; and taking up what was agreed to.
#include <utility>

#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
#include "core/request_events.h"
#include "core/signing_flow.h"

namespace countersign::core {
namespace {

const char* RpcName(RequestVerb verb) {
  switch (verb) {
    case RequestVerb::kApprove:
      return "ApproveSigningRequest";
    case RequestVerb::kReject:
      return "RejectSigningRequest";
    case RequestVerb::kCancel:
      return "CancelSigningRequest";
    case RequestVerb::kExpire:
      return "expiry";
  }
  return "";
}

EventType EventOf(RequestVerb verb) {
  switch (verb) {
    case RequestVerb::kApprove:
      return EventType::kRequestApproved;
    case RequestVerb::kReject:
      return EventType::kRequestRejected;
    case RequestVerb::kCancel:
      return EventType::kRequestCancelled;
    case RequestVerb::kExpire:
      return EventType::kRequestExpired;
  }
  return EventType::kRequestExpired;
}

class DecideRequestFlow final : public SigningFlow {
 public:
  explicit DecideRequestFlow(DecideRequest input)
      : SigningFlow(RpcName(input.verb), input.caller,
                    input.request.name.operation.product),
        input_(std::move(input)) {}

  // What a person has just released goes ahead of what machines ask for.
  bool priority() const override {
    return input_.verb == RequestVerb::kApprove;
  }

 private:
  Effect Decide(const World& world) override {
    const std::string name = input_.request.name.Format();
    if (input_.verb != RequestVerb::kExpire &&
        !MaySeeRequest(input_.request, caller(), *world.policy)) {
      return Refuse(error::NotFound(name), name, world);
    }
    if (input_.verb == RequestVerb::kApprove &&
        (world.product == nullptr ||
         world.product->state != ProductState::kActive)) {
      return Finish(error::ProductNotActive(
          product().Format(), world.product == nullptr
                                  ? "absent"
                                  : ToString(world.product->state)));
    }
    absl::StatusOr<SigningRequest> next = Next(world);
    if (!next.ok()) {
      return Refuse(next.status(), name, world);
    }
    next_ = *std::move(next);
    ChangeSet changes;
    changes.requests.push_back(next_);
    changes.events.push_back(
        RequestDecidedEvent(EventOf(input_.verb), next_, caller()));
    if (next_.state == RequestState::kApproved) {
      changes.key_uses = UsesOf(next_, world);
    }
    return CommitNext(std::move(changes));
  }

  absl::StatusOr<SigningRequest> Next(const World& world) const {
    switch (input_.verb) {
      case RequestVerb::kApprove:
        return Approve(input_.request, caller(), *world.policy, input_.etag,
                       input_.reason, world.now);
      case RequestVerb::kReject:
        return Reject(input_.request, caller(), *world.policy, input_.etag,
                      input_.reason, world.now);
      case RequestVerb::kCancel: {
        absl::StatusOr<SigningRequest> next =
            Cancel(input_.request, caller(), *world.policy, world.now);
        if (next.ok() && !input_.reason.empty()) {
          next->state_reason = input_.reason;
        }
        return next;
      }
      case RequestVerb::kExpire:
        return Expire(input_.request, world.now);
    }
    return absl::InternalError("unknown verb");
  }

  Effect OnDecided(const World& world) override {
    if (next_.state != RequestState::kApproved) {
      return Finish(Resource(next_));
    }
    SigningRequest approved = next_;
    return AnswerAndGoOn(Resource(next_), UseKey(std::move(approved), world));
  }

  Effect OnDecisionLost(const LostRace& race, const World& world) override {
    if (race.what == LostRace::What::kKeyLimit) {
      return Finish(LimitReached(next_, world));
    }
    if (race.request.has_value()) {
      input_.request = *race.request;
    }
    return FlowBase::OnLost(race, world);
  }

  DecideRequest input_;
  SigningRequest next_;
};

// The rule was met and that is durable; the key may have been used or not. A
// second use is recorded before it happens.
class ResumeFlow final : public SigningFlow {
 public:
  explicit ResumeFlow(SigningRequest request)
      : SigningFlow("resume", ServerPrincipal(),
                    request.name.operation.product),
        request_(std::move(request)) {}

 private:
  Effect Decide(const World& world) override {
    ChangeSet changes;
    changes.events.push_back(SigningResumedEvent(request_, world.now));
    changes.key_uses = UsesOf(request_, world);
    return CommitNext(std::move(changes), NeedOf(request_, world));
  }

  Effect OnDecided(const World& world) override {
    return UseKey(request_, world);
  }

  Effect OnDecisionLost(const LostRace& race, const World& world) override {
    if (race.what == LostRace::What::kKeyLimit) {
      // Its key version may sign nothing more, so it would wait for ever.
      return RecordFailure(request_, LimitReached(request_, world), world);
    }
    return FlowBase::OnLost(race, world);
  }

  SigningRequest request_;
};

}  // namespace

FlowPtr MakeDecideRequestFlow(DecideRequest input) {
  return std::make_unique<DecideRequestFlow>(std::move(input));
}

FlowPtr MakeResumeFlow(SigningRequest request) {
  return std::make_unique<ResumeFlow>(std::move(request));
}

}  // namespace countersign::core
