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

// The key version that the request is pinned to; nullptr where it is gone.
const KeyVersion* PinnedKey(const SigningRequest& request, const World& world) {
  if (world.product == nullptr) return nullptr;
  const Operation* operation =
      world.product->FindOperation(request.name.operation.operation);
  return operation == nullptr ? nullptr
                              : operation->FindKeyVersion(request.key_version);
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
  const KeyVersion& key = *PinnedKey(request_, world);
  SignJob job;
  job.key = RefOf(key);
  job.algorithm = request_.content.algorithm;
  job.hash = request_.content.hash;
  job.digests.reserve(request_.content.digests.size());
  for (const LabelledDigest& digest : request_.content.digests) {
    job.digests.push_back(digest.value);
  }
  job.ecdsa_form = request_.content.ecdsa_form;
  job.deadline = absl::InfiniteFuture();
  job.priority = priority();
  job.share = product_.product;
  return Effect{std::nullopt, SignEffect{std::move(job)}};
}

Effect SigningFlow::OnSigned(SignResult result, const World& world) {
  if (!result.ok()) {
    if (KeyMayHaveBeenUsed(result.status())) {
      return RecordInterruption(result.status(), world);
    }
    if (MayPass(result.status())) {
      return Finish(
          error::SignerUnavailable(request_.name.Format(), result.status()));
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

std::vector<KeyUse> SigningFlow::UsesOf(const SigningRequest& request,
                                        const World& world) {
  const KeyVersion* key = PinnedKey(request, world);
  if (key == nullptr || key->max_signatures <= 0) return {};
  return {{key->name, static_cast<int64_t>(request.content.digests.size()),
           key->max_signatures}};
}

std::optional<SignNeed> SigningFlow::NeedOf(const SigningRequest& request,
                                            const World& world) {
  const KeyVersion* key = PinnedKey(request, world);
  if (key == nullptr) return std::nullopt;
  return SignNeed{RefOf(*key), request.content.digests.size()};
}

absl::Status SigningFlow::LimitReached(const SigningRequest& request,
                                       const World& world) {
  const KeyVersion* key = PinnedKey(request, world);
  return error::KeyLimitReached(
      KeyVersionName{request.name.operation, request.key_version}.Format(),
      key == nullptr ? 0 : key->max_signatures);
}

Effect SigningFlow::RecordInterruption(const absl::Status& error,
                                       const World& world) {
  interruption_ = SigningInterruptedEvent(request_, error, world.now);
  if (!MayPass(error)) {
    // It would end so again: the request fails, in the same change.
    return RecordFailure(error, world);
  }
  failure_ = error::SignerUnavailable(request_.name.Format(), error);
  stage_ = Stage::kRecordingEnd;
  ChangeSet changes;
  changes.events.push_back(*interruption_);
  return CommitNext(std::move(changes));
}

Effect SigningFlow::RecordFailure(const SigningRequest& request,
                                  const absl::Status& error,
                                  const World& world) {
  request_ = request;
  return RecordFailure(error, world);
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
  if (interruption_.has_value()) changes.events.push_back(*interruption_);
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
  if (signatures_.empty() && !interruption_.has_value()) {
    return Finish(failure_);
  }
  ChangeSet changes;
  if (interruption_.has_value()) changes.events.push_back(*interruption_);
  if (!signatures_.empty()) {
    changes.events.push_back(
        SignatureDiscardedEvent(request_, signatures_, state, world.now));
  }
  signatures_.clear();
  interruption_.reset();
  stage_ = Stage::kRecordingEnd;
  return CommitNext(std::move(changes));
}

}  // namespace countersign::core
