#include "hsm/sign_worker.h"

#include <memory>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_pair.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

// While idle, how often a lost token is looked for.
constexpr absl::Duration kIdle = absl::Seconds(1);
// Digests between two readings of the thread's CPU time (0.3 us each).
constexpr int kCpuTimeEvery = 64;
// Prepared verifiers are a few KiB each; more keys than this start anew.
constexpr size_t kMaxVerifiers = 512;

bool WorthAnotherTry(const absl::Status& status) {
  const std::optional<Failure> failure = FailureOf(status);
  return failure == Failure::kSession || failure == Failure::kHandle;
}

// Only a new start of the module helps: also against what a second try on a new
// session did not cure.
bool NeedsNewStart(const absl::Status& status) {
  const std::optional<Failure> failure = FailureOf(status);
  return failure == Failure::kDevice || failure == Failure::kLogin ||
         WorthAnotherTry(status);
}

}  // namespace

SignWorker::SignWorker(Session session, Token& token, KeyCache& keys,
                       SignQueue& queue, const base::Clock& clock,
                       SignerObserver* observer)
    : token_(token),
      keys_(keys),
      queue_(queue),
      clock_(clock),
      observer_(observer),
      session_(std::make_unique<Session>(std::move(session))),
      epoch_(session_->epoch()) {}

void SignWorker::Run() {
  int since_cpu_time = 0;
  while (true) {
    std::optional<SignTask> task = queue_.Pop(absl::ZeroDuration());
    if (!task.has_value()) {
      PublishCpuTime();
      since_cpu_time = 0;
      task = queue_.Pop(kIdle);
    }
    if (!task.has_value()) {
      if (queue_.closed()) break;
      // What it answers is told by Health; the next idle second tries again.
      token_.EnsureReady().IgnoreError();
      continue;
    }
    if (observer_ != nullptr) observer_->OnQueueDepth(queue_.size());
    SignBatch& batch = *task->batch;
    batch.Finish(task->index,
                 SignDigest(batch, batch.job().digests[task->index]));
    if (++since_cpu_time == kCpuTimeEvery) {
      PublishCpuTime();
      since_cpu_time = 0;
    }
  }
  session_.reset();
}

absl::StatusOr<std::string> SignWorker::SignDigest(const SignBatch& batch,
                                                   const std::string& digest) {
  if (batch.failed()) return absl::AbortedError("another digest failed");
  if (queue_.closed()) return error::SignerStopping();
  RETURN_IF_ERROR(CheckDeadline(batch));
  RETURN_IF_ERROR(token_.EnsureReady());
  absl::StatusOr<std::string> signature = Try(batch, digest);
  const bool stale_handle = FailureOf(signature.status()) == Failure::kHandle;
  if (WorthAnotherTry(signature.status())) {
    RETURN_IF_ERROR(CheckDeadline(batch));
    signature = Try(batch, digest);
  }
  // A key that was there and is gone may be a token that was gone: SoftHSM
  // then finds nothing ever after. A new start tells which.
  const bool vanished =
      stale_handle && base::GetReason(signature.status()) == "KEY_MISSING";
  if (vanished || NeedsNewStart(signature.status())) {
    token_.ReportLost(epoch_, signature.status());
    return error::TokenUnavailable(token_.label(),
                                   signature.status().message());
  }
  if (absl::IsUnavailable(signature.status())) {
    return error::TokenUnavailable(token_.label(),
                                   signature.status().message());
  }
  return signature;
}

absl::StatusOr<std::string> SignWorker::Try(const SignBatch& batch,
                                            const std::string& digest) {
  RETURN_IF_ERROR(OpenSession());
  const core::SignJob& job = batch.job();
  const absl::StatusOr<CK_OBJECT_HANDLE> key = FindKey(job.key);
  if (!key.ok()) {
    // What the module answered badly, not what was found wrong with the key.
    if (FailureOf(key.status()).has_value()) session_.reset();
    return key.status();
  }
  const absl::Duration before = base::SteadyNow();
  absl::StatusOr<std::string> signature =
      session_->Sign(batch.mechanism(), *key, digest);
  const absl::Duration hsm_time = base::SteadyNow() - before;
  if (signature.ok()) {
    signature = Check(batch, digest, *std::move(signature));
  } else {
    // It may hold an unfinished operation now, which would fail the next call.
    session_.reset();
    if (FailureOf(signature.status()) == Failure::kHandle) {
      keys_.Forget(job.key, *key);
    }
  }
  if (observer_ != nullptr) {
    observer_->OnSigned(job.key.label, job.algorithm, hsm_time, signature.ok());
  }
  return signature;
}

absl::Status SignWorker::OpenSession() {
  if (session_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(Session session,
                   token_.OpenSession(Session::Mode::kReadOnly));
  session_ = std::make_unique<Session>(std::move(session));
  epoch_ = session_->epoch();
  return absl::OkStatus();
}

absl::StatusOr<std::string> SignWorker::Check(const SignBatch& batch,
                                              const std::string& digest,
                                              std::string raw) {
  const core::KeyRef& key = batch.job().key;
  ASSIGN_OR_RETURN(std::string signature,
                   EncodeSignature(key.type, std::move(raw)));
  ASSIGN_OR_RETURN(base::SignatureVerifier * verifier, FindVerifier(batch));
  const absl::Status good = verifier->Verify(digest, signature);
  if (good.ok()) return signature;
  base::Log(base::Severity::kError, "hsm_wrong_signature",
            {{"token", token_.label()}, {"key", key.label}});
  return error::WrongSignature(key.label, good);
}

absl::StatusOr<base::SignatureVerifier*> SignWorker::FindVerifier(
    const SignBatch& batch) {
  const core::SignJob& job = batch.job();
  VerifierKey wanted{job.key.spki, job.algorithm, job.hash};
  const auto found = verifiers_.find(wanted);
  if (found != verifiers_.end()) return &found->second;
  ASSIGN_OR_RETURN(
      base::SignatureVerifier verifier,
      base::SignatureVerifier::Create(job.key.spki, batch.mechanism().scheme,
                                      batch.mechanism().openssl_hash));
  if (verifiers_.size() >= kMaxVerifiers) verifiers_.clear();
  return &verifiers_.emplace(std::move(wanted), std::move(verifier))
              .first->second;
}

absl::StatusOr<CK_OBJECT_HANDLE> SignWorker::FindKey(const core::KeyRef& key) {
  const auto cached = keys_.Find(key, epoch_);
  if (cached.has_value()) return *cached;
  ASSIGN_OR_RETURN(const CK_OBJECT_HANDLE handle,
                   FindPinnedKey(*session_, key));
  keys_.Put(key, epoch_, handle);
  return handle;
}

absl::Status SignWorker::CheckDeadline(const SignBatch& batch) const {
  if (clock_.Now() < batch.job().deadline) return absl::OkStatus();
  return error::DeadlinePassed();
}

void SignWorker::PublishCpuTime() {
  cpu_nanos_.store(absl::ToInt64Nanoseconds(base::ThreadCpuTime()),
                   std::memory_order_relaxed);
}

}  // namespace countersign::hsm
