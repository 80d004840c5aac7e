#include "hsm/sign_worker.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_pair.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

constexpr absl::Duration kIdle = absl::Seconds(1);
// Digests between two readings of the thread's CPU time (0.3 us each).
constexpr uint64_t kCpuTimeEvery = 64;
// Costs are recorded of the first digests, and then of some.
constexpr uint64_t kCostAlways = 64;
constexpr uint64_t kCostEvery = 8;
// Prepared verifiers are a few KiB each; more keys than this start anew.
constexpr size_t kMaxVerifiers = 512;
// In SignTask::tried, above the tokens of a job, 16 at most.
constexpr uint32_t kLoginRetried = 1u << 31;

bool WorthAnotherTry(const absl::Status& status) {
  const std::optional<Failure> failure = FailureOf(status);
  return failure == Failure::kSession || failure == Failure::kHandle;
}

void Finish(const SignTask& task, absl::Status status) {
  if (task.key_uses > 0) status = core::WithKeyUseUnknown(status);
  task.batch->Finish(task.index, std::move(status));
}

}  // namespace

template <typename Call>
auto SignWorker::Inside(SignTask& task, absl::Duration now, Call call) {
  slot_.Begin(std::move(task), now);
  auto answer = call();
  const CallSlot::Outcome outcome = slot_.End(task);
  lost_ = outcome != CallSlot::Outcome::kMine;
  left_behind_ = outcome == CallSlot::Outcome::kLeftBehind;
  return answer;
}

bool SignWorker::Run() {
  uint64_t published = 0;
  while (!left_behind_ && !share_->stopping) {
    if (!AwaitSession()) continue;
    std::optional<SignTask> task = share_->queue.Pop(absl::ZeroDuration());
    if (!task.has_value()) {
      PublishCpuTime();
      published = processed_;
      task = share_->queue.Pop(
          std::min(kIdle, share_->options.keep_alive_interval));
    }
    if (!task.has_value()) {
      BeIdle();
      continue;
    }
    ++processed_;
    Process(*std::move(task));
    if (processed_ - published >= kCpuTimeEvery) {
      PublishCpuTime();
      published = processed_;
    }
  }
  SignTask none;
  if (!left_behind_) DropSession(none);
  session_.reset();
  PublishCpuTime();
  // The reservation of one that was left behind went to its successor.
  if (reserved_ && !left_behind_) share_->budget.Release();
  return !left_behind_;
}

bool SignWorker::AwaitSession() {
  if (!share_->token->ready()) {
    share_->token->AwaitReady(kIdle);
    return false;
  }
  if (reserved_) return true;
  const std::optional<TokenInfo> info = share_->token->info();
  if (info.has_value()) share_->budget.SetTokenLimit(info->max_sessions);
  reserved_ = share_->budget.Reserve(base::SteadyNow());
  if (reserved_) return true;
  base::MutexLock lock(share_->mutex);
  if (!share_->stopping) share_->changed.WaitFor(share_->mutex, kIdle / 10);
  return false;
}

void SignWorker::BeIdle() {
  const absl::Duration now = base::SteadyNow();
  if (session_ == nullptr ||
      now - last_use_ < share_->options.keep_alive_interval) {
    return;
  }
  last_use_ = now;
  SignTask none;
  const absl::Status status =
      Inside(none, now, [&] { return session_->KeepAlive(); });
  if (left_behind_ || status.ok()) return;
  DropSession(none);
  if (FailureOf(status) == Failure::kDevice) {
    share_->token->ReportLost(generation_, status, Token::Cure::kRestart);
  }
}

void SignWorker::Process(SignTask task) {
  // Outlives the task, should that be taken during a call.
  const std::shared_ptr<SignBatch> batch = task.batch;
  if (batch->failed()) {
    return Finish(task, absl::AbortedError("another digest failed"));
  }
  if (share_->stopping) return Finish(task, error::SignerStopping());
  if (IsLate(*batch)) return Finish(task, error::DeadlinePassed());
  if (!share_->token->ready()) return PutBack(std::move(task));
  if (share_->observer != nullptr) {
    share_->observer->OnQueueDepth(share_->queue.size());
  }
  lost_ = false;
  no_room_ = false;
  absl::StatusOr<std::string> signature = Try(task, *batch);
  const bool stale_handle = FailureOf(signature.status()) == Failure::kHandle;
  if (!lost_ && WorthAnotherTry(signature.status()) && !IsLate(*batch)) {
    signature = Try(task, *batch);
  }
  if (lost_) return;
  if (!signature.ok()) {
    return Fail(std::move(task), signature.status(), stale_handle);
  }
  // Without the session and the look-up of the first: a cold start would make
  // the token look slow, and callers would be refused for it.
  RecordCost(batch->job().key.type, base::SteadyNow() - last_begin_);
  batch->Finish(task.index,
                core::DigestSignature{*std::move(signature),
                                      share_->options.name, task.key_uses});
}

absl::StatusOr<std::string> SignWorker::Try(SignTask& task,
                                            const SignBatch& batch) {
  const core::SignJob& job = batch.job();
  const std::string& digest = job.digests[task.index];
  RETURN_IF_ERROR(OpenSession(task));
  ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE key, FindKey(task, job.key));
  const absl::Duration before = base::SteadyNow();
  last_begin_ = before;
  absl::StatusOr<std::string> signature = Inside(task, before, [&] {
    return session_->Sign(batch.mechanism(), key, digest, slot_.begun());
  });
  last_use_ = base::SteadyNow();
  if (lost_) {
    if (!left_behind_ && !signature.ok()) DropSession(task);
    lost_ = true;
    return absl::AbortedError("taken");
  }
  // Whatever C_Sign answers, the device may have signed.
  if (slot_.begun()->load(std::memory_order_relaxed)) ++task.key_uses;
  if (signature.ok()) {
    signature = Check(batch, digest, *std::move(signature));
  } else {
    if (FailureOf(signature.status()) == Failure::kHandle) {
      share_->keys.Forget(job.key, key);
      recent_.handle = CK_INVALID_HANDLE;
    }
  }
  const absl::Duration hsm_time = last_use_ - before;
  if (share_->observer != nullptr) {
    share_->observer->OnSigned(job.key.label, job.algorithm, hsm_time,
                               signature.ok());
  }
  // After an error of the module it may hold an unfinished operation, which
  // would fail the next call.
  if (FailureOf(signature.status()).has_value()) DropSession(task);
  return signature;
}

absl::Status SignWorker::OpenSession(SignTask& task) {
  if (session_ != nullptr && generation_ != share_->token->generation()) {
    DropSession(task);
    if (lost_) return absl::AbortedError("taken");
  }
  if (session_ != nullptr) return absl::OkStatus();
  absl::StatusOr<TokenSession> opened = Inside(task, base::SteadyNow(), [&] {
    return share_->token->OpenSession(Session::Mode::kReadOnly);
  });
  if (opened.ok()) {
    session_ = std::make_unique<Session>(std::move(opened->session));
    generation_ = opened->generation;
    last_use_ = base::SteadyNow();
    if (!left_behind_) share_->budget.Opened();
  }
  if (lost_) return absl::AbortedError("taken");
  no_room_ = FailureOf(opened.status()) == Failure::kCapacity;
  return opened.status();
}

absl::StatusOr<CK_OBJECT_HANDLE> SignWorker::FindKey(SignTask& task,
                                                     const core::KeyRef& key) {
  if (recent_.generation == generation_ &&
      recent_.handle != CK_INVALID_HANDLE && recent_.key == key) {
    return recent_.handle;
  }
  std::optional<CK_OBJECT_HANDLE> handle = share_->keys.Find(key, generation_);
  if (!handle.has_value()) {
    absl::StatusOr<CK_OBJECT_HANDLE> found = Inside(
        task, base::SteadyNow(), [&] { return FindPinnedKey(*session_, key); });
    if (lost_) {
      if (!left_behind_ && !found.ok()) DropSession(task);
      lost_ = true;
      return absl::AbortedError("taken");
    }
    if (!found.ok()) {
      // What the module answered badly, not what was found wrong with the key.
      if (FailureOf(found.status()).has_value()) DropSession(task);
      return found.status();
    }
    share_->keys.Put(key, generation_, *found);
    handle = *found;
  }
  recent_.key = key;
  recent_.generation = generation_;
  recent_.handle = *handle;
  return *handle;
}

void SignWorker::Fail(SignTask task, absl::Status status, bool stale_handle) {
  const std::optional<Failure> failure = FailureOf(status);
  Token& token = *share_->token;
  if (no_room_) {
    return GiveUpSession(std::move(task), status);
  }
  // A key that was there and is gone may be a token that was gone: SoftHSM
  // then finds nothing ever after. A new start tells which.
  const bool vanished =
      stale_handle && base::GetReason(status) == "KEY_MISSING";
  if (failure == Failure::kLogin) {
    token.ReportLost(generation_, status, Token::Cure::kConnect);
    if ((task.tried & kLoginRetried) == 0) {
      task.tried |= kLoginRetried;
      return PutBack(std::move(task));
    }
  } else if (vanished || failure == Failure::kDevice ||
             WorthAnotherTry(status)) {
    token.ReportLost(generation_, status, Token::Cure::kRestart);
  } else if (absl::IsUnavailable(status) && !failure.has_value()) {
    // The connection ended under it, before the key was touched.
    token.ReportLost(generation_, status, Token::Cure::kConnect);
    if (token.CheckUsable().ok()) return PutBack(std::move(task));
  }
  if (vanished || absl::IsUnavailable(status)) {
    status = error::TokenUnavailable(share_->options.name, status.message());
  }
  share_->failed(std::move(task), std::move(status));
}

void SignWorker::PutBack(SignTask task) {
  const SignTask copy = task;
  const absl::Status status = share_->queue.PushBack(std::move(task));
  if (!status.ok()) Finish(copy, status);
}

void SignWorker::GiveUpSession(SignTask task, const absl::Status& status) {
  reserved_ = false;
  if (share_->budget.ReleaseForWant(base::SteadyNow())) {
    base::Log(base::Severity::kWarning, "hsm_sessions_scarce",
              {{"token", share_->options.name},
               {"wanted", share_->options.sessions},
               {"open", share_->budget.reserved()},
               {"error", std::string(status.message())}});
  }
  if (share_->budget.reserved() > 0) return PutBack(std::move(task));
  share_->failed(std::move(task), error::TokenUnavailable(share_->options.name,
                                                          status.message()));
}

void SignWorker::DropSession(SignTask& task) {
  if (session_ == nullptr) return;
  Inside(task, base::SteadyNow(), [&] {
    session_.reset();
    return true;
  });
}

absl::StatusOr<std::string> SignWorker::Check(const SignBatch& batch,
                                              const std::string& digest,
                                              std::string raw) {
  const core::SignJob& job = batch.job();
  const bool ecdsa = job.algorithm == core::SignatureAlgorithm::kEcdsa;
  if (ecdsa && !share_->options.verify_ec) {
    return EncodeSignature(job.key.type, std::move(raw), job.ecdsa_form);
  }
  const bool fixed = ecdsa && job.ecdsa_form == core::EcdsaForm::kFixedWidth;
  std::string kept = fixed ? raw : "";
  // OpenSSL checks DER.
  ASSIGN_OR_RETURN(std::string signature,
                   EncodeSignature(job.key.type, std::move(raw)));
  ASSIGN_OR_RETURN(base::SignatureVerifier * verifier, FindVerifier(batch));
  const absl::Status good = verifier->Verify(digest, signature);
  if (good.ok()) return fixed ? std::move(kept) : std::move(signature);
  base::Log(base::Severity::kError, "hsm_wrong_signature",
            {{"token", share_->options.name}, {"key", job.key.label}});
  return error::WrongSignature(job.key.label, good);
}

absl::StatusOr<base::SignatureVerifier*> SignWorker::FindVerifier(
    const SignBatch& batch) {
  const core::SignJob& job = batch.job();
  if (recent_.verifier != nullptr &&
      std::tie(job.key.spki, job.algorithm, job.hash) == recent_.verifier_key) {
    return recent_.verifier;
  }
  recent_.verifier = nullptr;
  VerifierKey wanted{job.key.spki, job.algorithm, job.hash};
  auto found = verifiers_.find(wanted);
  if (found == verifiers_.end()) {
    ASSIGN_OR_RETURN(
        base::SignatureVerifier verifier,
        base::SignatureVerifier::Create(job.key.spki, batch.mechanism().scheme,
                                        batch.mechanism().openssl_hash));
    if (verifiers_.size() >= kMaxVerifiers) verifiers_.clear();
    found = verifiers_.emplace(wanted, std::move(verifier)).first;
  }
  recent_.verifier_key = std::move(wanted);
  recent_.verifier = &found->second;
  return recent_.verifier;
}

bool SignWorker::IsLate(const SignBatch& batch) const {
  return share_->clock.Now() >= batch.job().deadline;
}

void SignWorker::RecordCost(core::KeyType type, absl::Duration taken) {
  if (processed_ < kCostAlways || processed_ % kCostEvery == 0) {
    share_->queue.RecordCost(type, taken);
  }
}

void SignWorker::PublishCpuTime() {
  cpu_nanos_.store(absl::ToInt64Nanoseconds(base::ThreadCpuTime()),
                   std::memory_order_relaxed);
}

}  // namespace countersign::hsm
