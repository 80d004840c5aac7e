#include "hsm/pkcs11_signer.h"

#include <pthread.h>

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/key_findings.h"
#include "hsm/key_pair.h"
#include "hsm/mechanism.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

constexpr int kMaxSessions = 64;
constexpr size_t kLargestJob = 1000;

absl::Status CheckOptions(const Pkcs11SignerOptions& options) {
  if (options.token_label.empty()) {
    return error::BadOptions("the label of the token must be given");
  }
  if (options.sessions < 1 || options.sessions > kMaxSessions) {
    return error::BadOptions(absl::StrCat(
        "sessions must be 1 to ", kMaxSessions, ", not ", options.sessions));
  }
  if (options.max_queued_digests < kLargestJob) {
    return error::BadOptions(absl::StrCat(
        "max_queued_digests must be at least ", kLargestJob,
        ", the size of the largest job, not ", options.max_queued_digests));
  }
  // Looked at before the module is touched; read again at each login.
  return base::ReadSecretFile(options.pin_file).status();
}

// Checks a key that is there, or one that was just made, and reads its public
// half.
absl::StatusOr<std::string> CheckAndRead(Session& session,
                                         const core::KeyRef& key,
                                         const KeyPairHandles& pair) {
  ASSIGN_OR_RETURN(const KeyFindings findings,
                   ReadKeyFindings(session, pair.private_key));
  RETURN_IF_ERROR(CheckKeyFindings(key.label, findings));
  return ReadSpki(session, pair.public_key, key);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::Create(
    const Pkcs11SignerOptions& options, const base::Clock& clock) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Token> token,
      Token::Open(options.module_path, options.token_label, options.pin_file));
  std::unique_ptr<Pkcs11Signer> signer(
      new Pkcs11Signer(std::move(token), options, clock));
  RETURN_IF_ERROR(signer->OpenSessions(options.sessions));
  signer->StartThreads();
  return signer;
}

Pkcs11Signer::Pkcs11Signer(std::unique_ptr<Token> token,
                           const Pkcs11SignerOptions& options,
                           const base::Clock& clock)
    : token_(std::move(token)),
      clock_(clock),
      observer_(options.observer),
      queue_(options.max_queued_digests) {}

absl::Status Pkcs11Signer::OpenSessions(int count) {
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<Session> session =
        token_->OpenSession(Session::Mode::kReadOnly);
    if (FailureOf(session.status()) == Failure::kCapacity) {
      return error::TooFewSessions(token_->label(), count, i, session.status());
    }
    RETURN_IF_ERROR(session.status());
    workers_.push_back(std::make_unique<SignWorker>(
        *std::move(session), *token_, keys_, queue_, clock_, observer_));
  }
  return absl::OkStatus();
}

void Pkcs11Signer::StartThreads() {
  for (size_t i = 0; i < workers_.size(); ++i) {
    threads_.emplace_back([worker = workers_[i].get()] { worker->Run(); });
    // Linux takes 15 characters.
    pthread_setname_np(threads_.back().native_handle(),
                       absl::StrCat("hsm-", i).c_str());
  }
}

Pkcs11Signer::~Pkcs11Signer() {
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
}

absl::StatusOr<std::string> Pkcs11Signer::MakeKey(const core::KeyRef& key) {
  {
    // One at a time: two calls for one key must not make two, and SoftHSM's
    // generation is not safe for threads. No lock is held meanwhile.
    base::MutexLock lock(making_mutex_);
    while (making_) made_.Wait(making_mutex_);
    making_ = true;
  }
  const absl::Cleanup end = [this] {
    base::MutexLock lock(making_mutex_);
    making_ = false;
    made_.Signal();
  };
  absl::StatusOr<std::string> spki = MakeKeyOnce(key);
  if (absl::IsUnavailable(spki.status())) {
    return error::TokenUnavailable(token_->label(), spki.status().message());
  }
  return spki;
}

absl::StatusOr<std::string> Pkcs11Signer::MakeKeyOnce(const core::KeyRef& key) {
  if (key.key_id.empty() || key.label.empty()) {
    return error::JobDoesNotFit("a key is named by CKA_ID and label");
  }
  RETURN_IF_ERROR(token_->EnsureReady());
  ASSIGN_OR_RETURN(Session session,
                   token_->OpenSession(Session::Mode::kReadWrite));
  const auto attempt = [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::optional<KeyPairHandles> pair,
                     FindKeyPair(session, key));
    if (!pair.has_value()) {
      ASSIGN_OR_RETURN(pair, GenerateKeyPair(session, key));
    }
    return CheckAndRead(session, key, *pair);
  };
  absl::StatusOr<std::string> spki = attempt();
  const std::optional<Failure> failure = FailureOf(spki.status());
  if (failure == Failure::kDevice || failure == Failure::kLogin) {
    token_->ReportLost(session.epoch(), spki.status());
  }
  return spki;
}

void Pkcs11Signer::Sign(core::SignJob job,
                        std::function<void(core::SignResult)> done) {
  if (absl::Status status = CheckSignJob(job); !status.ok()) {
    done(std::move(status));
    return;
  }
  // The batch gets a copy of `done`: one that was refused is still needed.
  absl::Status status =
      queue_.Push(std::make_shared<SignBatch>(std::move(job), done));
  if (!status.ok()) {
    done(std::move(status));
    return;
  }
  if (observer_ != nullptr) observer_->OnQueueDepth(queue_.size());
}

core::SignerHealth Pkcs11Signer::Health() const { return token_->Health(); }

absl::Duration Pkcs11Signer::CpuTime() const {
  absl::Duration sum;
  for (const auto& worker : workers_) sum += worker->cpu_time();
  return sum;
}

size_t Pkcs11Signer::QueuedDigests() const { return queue_.size(); }

}  // namespace countersign::hsm
