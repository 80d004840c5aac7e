#include "core/signing_flow.h"

#include <utility>

#include "base/error.h"
#include "core/errors.h"
#include "core/operation_check.h"
#include "core/request_events.h"

namespace countersign::core {
namespace {

// The token may be back later; the request can wait for it.
bool MayPass(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

// Invariants 2 and 9, asked of what is committed at this moment.
absl::Status CheckNow(const SigningRequest& request, const World& world) {
  if (world.product == nullptr) {
    return error::NotFound(request.name.operation.product.Format());
  }
  const Operation* operation =
      world.product->FindOperation(request.name.operation.operation);
  if (operation == nullptr) {
    return error::NotFound(request.name.operation.Format());
  }
  absl::Status status =
      CheckOperation(*world.product, *operation, request.content);
  if (!status.ok()) return status;
  status = CheckKey(*operation, operation->FindKeyVersion(request.key_version),
                    request.content.encoding, world.now);
  if (!status.ok()) return status;
  if (request.state != RequestState::kApproved || !RuleIsMet(request)) {
    return error::RuleNotMet(request.name.Format());
  }
  return absl::OkStatus();
}

// What people may read of a failure: INTERNAL keeps its inside.
std::string PublicReason(const absl::Status& error) {
  if (error.code() == absl::StatusCode::kInternal) {
    return "an internal error while signing; the server's log has the cause";
  }
  return std::string(error.message());
}

}  // namespace

Effect SigningFlow::UseKey(SigningRequest request, const World& world) {
  request_ = std::move(request);
  const absl::Status status = CheckNow(request_, world);
  if (!status.ok()) {
    return RecordFailure(status, world);
  }
  const KeyVersion& key =
      *world.product->FindOperation(request_.name.operation.operation)
           ->FindKeyVersion(request_.key_version);
  SignJob job;
  job.key = KeyRef{key.key_id, key.name.Format(), key.type, key.spki};
  job.algorithm = request_.content.algorithm;
  job.hash = request_.content.hash;
  job.digests.reserve(request_.content.digests.size());
  for (const LabelledDigest& digest : request_.content.digests) {
    job.digests.push_back(digest.value);
  }
  job.deadline = absl::InfiniteFuture();
  job.priority = priority();
  return Effect{std::nullopt, SignEffect{std::move(job)}};
}

Effect SigningFlow::OnSigned(SignResult result, const World& world) {
  if (!result.ok()) {
    if (MayPass(result.status())) {
      return Finish(error::SignerUnavailable(request_.name.Format(),
                                             PublicReason(result.status())));
    }
    return RecordFailure(result.status(), world);
  }
  signatures_ = *std::move(result);
  return RecordSignature(world);
}

Effect SigningFlow::RecordSignature(const World& world) {
  const absl::Status status = CheckNow(request_, world);
  if (!status.ok()) {
    return RecordFailure(status, world);
  }
  absl::StatusOr<SigningRequest> result =
      core::Sign(request_, signatures_, world.now);
  if (!result.ok()) {
    return RecordFailure(result.status(), world);
  }
  result_ = *std::move(result);
  stage_ = Stage::kRecordingSignature;
  ChangeSet changes;
  changes.requests.push_back(result_);
  changes.expected.emplace_back(product_, world.product->revision);
  changes.events.push_back(RequestSignedEvent(result_));
  return CommitNext(std::move(changes));
}

Effect SigningFlow::RecordFailure(const absl::Status& error,
                                  const World& world) {
  failure_ = error;
  absl::StatusOr<SigningRequest> failed =
      Fail(request_, PublicReason(error), world.now);
  if (!failed.ok()) {
    return Finish(error);
  }
  result_ = *std::move(failed);
  stage_ = Stage::kRecordingEnd;
  ChangeSet changes;
  changes.requests.push_back(result_);
  if (!signatures_.empty()) {
    changes.events.push_back(
        SignatureDiscardedEvent(request_, signatures_, "FAILED", world.now));
  }
  changes.events.push_back(RequestFailedEvent(result_));
  return CommitNext(std::move(changes));
}

Effect SigningFlow::OnRecorded(const World& world) {
  switch (stage_) {
    case Stage::kDeciding:
      return OnDecided(world);
    case Stage::kRecordingSignature:
      return Finish(Resource(std::move(result_)));
    case Stage::kRecordingEnd:
      return Finish(failure_);
  }
  return Finish(absl::InternalError("signing flow without a stage"));
}

Effect SigningFlow::OnLost(const LostRace& race, const World& world) {
  if (stage_ == Stage::kDeciding) {
    return OnDecisionLost(race, world);
  }
  if (race.what == LostRace::What::kProduct &&
      stage_ == Stage::kRecordingSignature) {
    // The product changed meanwhile: is it still allowed to sign?
    World latest = world;
    if (race.product.has_value()) {
      latest.product = std::make_shared<const Product>(*race.product);
    }
    return RecordSignature(latest);
  }
  // The request ended meanwhile, cancelled perhaps. It stays as it is; a
  // signature that was made is not released, but its making is recorded.
  const std::string state = race.request.has_value()
                                ? std::string(ToString(race.request->state))
                                : "unknown";
  failure_ = error::RequestNotPending(request_.name.Format(), state);
  if (signatures_.empty()) {
    return Finish(failure_);
  }
  ChangeSet changes;
  changes.events.push_back(
      SignatureDiscardedEvent(request_, signatures_, state, world.now));
  signatures_.clear();
  stage_ = Stage::kRecordingEnd;
  return CommitNext(std::move(changes));
}

}  // namespace countersign::core
