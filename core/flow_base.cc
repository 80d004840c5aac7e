#include "core/flow_base.h"

#include <utility>

#include "base/error.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

bool IsDenial(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kNotFound:
      return true;
    default:
      return false;
  }
}

absl::Status NeverAsked(absl::string_view what) {
  return absl::InternalError(std::string(what) + " came to a flow without one");
}

}  // namespace

Event DeniedEvent(const Principal& caller, const std::string& rpc,
                  const std::string& resource, const absl::Status& error,
                  absl::Time now) {
  Event event;
  event.type = EventType::kCallDenied;
  event.time = now;
  event.actor = caller;
  event.resource = resource;
  event.details = base::Json::Object{
      {"code", absl::StatusCodeToString(error.code())},
      {"message", std::string(error.message())},
      {"reason", base::GetReason(error)},
      {"rpc", rpc},
  };
  return event;
}

Effect CommitNext(ChangeSet changes, std::optional<SignNeed> need) {
  return Effect{std::nullopt,
                CommitEffect{std::move(changes), std::move(need)}};
}

Effect FlowBase::Start(const World& world) { return Decide(world); }

Effect FlowBase::OnCommitted(const absl::StatusOr<CommitOutcome>& outcome,
                             const World& world) {
  if (absl::IsResourceExhausted(outcome.status())) {
    // No room for what was to follow, so nothing was recorded.
    return Finish(outcome.status());
  }
  if (!outcome.ok()) {
    return Finish(error::RecordUnavailable());
  }
  if (refusal_.has_value()) {
    return Finish(*refusal_);
  }
  if (const auto* race = std::get_if<LostRace>(&*outcome)) {
    return OnLost(*race, world);
  }
  return OnRecorded(world);
}

Effect FlowBase::OnSigned(SignResult, const World&) {
  return Finish(NeverAsked("a signature"));
}

Effect FlowBase::OnKeyMade(absl::StatusOr<KeyReport>, const World&) {
  return Finish(NeverAsked("a key"));
}

Effect FlowBase::OnKeyDestroyed(absl::Status, const World&) {
  return Finish(NeverAsked("the end of a key"));
}

Effect FlowBase::OnLost(const LostRace&, const World& world) {
  if (++races_ > kMaxRaces) {
    return Finish(error::ConcurrentChange(product().Format()));
  }
  return Decide(world);
}

Effect FlowBase::Finish(Answer answer) {
  Effect effect;
  if (!answered_) {
    answered_ = true;
    effect.answer = std::move(answer);
  }
  return effect;
}

Effect FlowBase::AnswerAndGoOn(Answer answer, Effect next) {
  if (!answered_ && !next.answer.has_value()) {
    answered_ = true;
    next.answer = std::move(answer);
  }
  return next;
}

Effect FlowBase::Refuse(absl::Status error, const std::string& resource,
                        const World& world) {
  if (!IsDenial(error)) {
    return Finish(std::move(error));
  }
  ChangeSet changes;
  changes.events.push_back(
      DeniedEvent(caller_, rpc_, resource, error, world.now));
  refusal_ = std::move(error);
  return CommitNext(std::move(changes));
}

}  // namespace countersign::core
