#include "core/fake_signer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "core/algorithms.h"
#include "core/errors.h"
#include "core/fake_signature.h"

namespace countersign::core {
namespace {

class CountedRoom final : public Room {
 public:
  CountedRoom(std::shared_ptr<std::atomic<size_t>> count, size_t digests)
      : count_(std::move(count)), digests_(digests) {
    *count_ += digests_;
  }
  ~CountedRoom() override { *count_ -= digests_; }

 private:
  const std::shared_ptr<std::atomic<size_t>> count_;
  const size_t digests_;
};

absl::Status CheckJob(const SignJob& job) {
  if (job.digests.empty() || job.digests.size() > 1000) {
    return absl::InvalidArgumentError(
        absl::StrCat(job.digests.size(), " digests; 1 to 1000 are possible"));
  }
  if (!Fits(job.key.type, job.algorithm) || !Fits(job.algorithm, job.hash)) {
    return absl::InvalidArgumentError("the key cannot make such signatures");
  }
  if (job.ecdsa_form == EcdsaForm::kFixedWidth &&
      job.algorithm != SignatureAlgorithm::kEcdsa) {
    return absl::InvalidArgumentError("only ECDSA has that form");
  }
  for (const std::string& digest : job.digests) {
    if (!DigestFits(job.hash, digest.size())) {
      return absl::InvalidArgumentError("a digest has the wrong length");
    }
  }
  return absl::OkStatus();
}

}  // namespace

FakeSigner::~FakeSigner() {
  std::deque<Queued> queue;
  {
    base::MutexLock lock(mutex_);
    queue.swap(queue_);
  }
  for (Queued& queued : queue) {
    queued.done(absl::UnavailableError("the signer is gone"));
  }
}

absl::StatusOr<KeyReport> FakeSigner::MakeKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(make_fault_.Take());
  return tokens_.Make(key);
}

absl::StatusOr<KeyReport> FakeSigner::RegisterKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(make_fault_.Take());
  return tokens_.Register(key);
}

absl::Status FakeSigner::DestroyKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(destroy_fault_.Take());
  return tokens_.Destroy(key);
}

absl::Status FakeSigner::CheckKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  return tokens_.Check(key);
}

absl::StatusOr<std::string> FakeSigner::AddKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  return tokens_.Add(key);
}

bool FakeSigner::HasKey(const std::string& token, const KeyRef& key) const {
  base::MutexLock lock(mutex_);
  return tokens_.Has(token, key);
}

void FakeSigner::SetAway(const std::string& token, bool away) {
  base::MutexLock lock(mutex_);
  tokens_.SetAway(token, away);
}

absl::StatusOr<RoomPtr> FakeSigner::Reserve(const KeyRef&, size_t digests) {
  base::MutexLock lock(mutex_);
  if (!room_.ok()) return room_;
  if (IsFullLocked(*reserved_)) return error::Overloaded(absl::Seconds(1));
  return std::make_shared<CountedRoom>(reserved_, digests);
}

size_t FakeSigner::WaitingDigestsLocked() const {
  size_t sum = 0;
  for (const Queued& queued : queue_) sum += queued.job.digests.size();
  return sum;
}

bool FakeSigner::IsFullLocked(size_t digests) const {
  return bound_.has_value() && WaitingDigestsLocked() + digests >= *bound_;
}

void FakeSigner::Sign(SignJob job, std::function<void(SignResult)> done) {
  RoomPtr room = std::exchange(job.room, nullptr);
  Queued queued{std::move(job), std::move(done)};
  bool refused = false;
  {
    base::MutexLock lock(mutex_);
    ++jobs_;
    refused = room == nullptr && !queued.job.priority && IsFullLocked(0);
    if (held_ && !refused) {
      auto place = queue_.end();
      if (queued.job.priority) {
        place = std::find_if(queue_.begin(), queue_.end(),
                             [](const Queued& q) { return !q.job.priority; });
      }
      queue_.insert(place, std::move(queued));
      room = nullptr;
      return;
    }
    room = nullptr;
  }
  if (refused) {
    queued.done(error::Overloaded(absl::Seconds(1)));
  } else {
    Run(std::move(queued));
  }
}

SignerHealth FakeSigner::Health() const {
  base::MutexLock lock(mutex_);
  return health_;
}

void FakeSigner::FailNext(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  sign_fault_ = {count, std::move(status)};
}

void FakeSigner::FailNextMakeKey(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  make_fault_ = {count, std::move(status)};
}

void FakeSigner::FailNextDestroyKey(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  destroy_fault_ = {count, std::move(status)};
}

void FakeSigner::SetRoom(absl::Status status) {
  base::MutexLock lock(mutex_);
  room_ = std::move(status);
}

void FakeSigner::SetBound(size_t digests) {
  base::MutexLock lock(mutex_);
  bound_ = digests;
}

void FakeSigner::UseMoreOften(int count, int key_uses) {
  base::MutexLock lock(mutex_);
  more_uses_ = count;
  key_uses_ = key_uses;
}

void FakeSigner::SetTokens(std::vector<std::string> tokens) {
  base::MutexLock lock(mutex_);
  tokens_.SetNames(std::move(tokens));
}

void FakeSigner::AnswerWrong(int count) {
  base::MutexLock lock(mutex_);
  wrong_ = count;
}

void FakeSigner::Hold() {
  base::MutexLock lock(mutex_);
  held_ = true;
}

void FakeSigner::Release() {
  {
    base::MutexLock lock(mutex_);
    held_ = false;
  }
  while (PumpOne()) {
  }
}

bool FakeSigner::PumpOne() {
  Queued queued;
  {
    base::MutexLock lock(mutex_);
    if (queue_.empty()) return false;
    queued = std::move(queue_.front());
    queue_.pop_front();
  }
  Run(std::move(queued));
  return true;
}

void FakeSigner::SetHealth(SignerHealth health) {
  base::MutexLock lock(mutex_);
  health_ = std::move(health);
}

void FakeSigner::LoseKeys() {
  base::MutexLock lock(mutex_);
  tokens_.LoseKeys();
}

int64_t FakeSigner::jobs() const {
  base::MutexLock lock(mutex_);
  return jobs_;
}

int64_t FakeSigner::signed_digests() const {
  base::MutexLock lock(mutex_);
  return signed_digests_;
}

size_t FakeSigner::waiting() const {
  base::MutexLock lock(mutex_);
  return queue_.size();
}

void FakeSigner::Run(Queued queued) { queued.done(Answer(queued.job)); }

SignResult FakeSigner::Answer(const SignJob& job) {
  RETURN_IF_ERROR(CheckJob(job));
  RETURN_IF_ERROR(TakeFault());
  if (clock_.Now() >= job.deadline) {
    return absl::DeadlineExceededError("the job's deadline has passed");
  }
  ASSIGN_OR_RETURN(const FakeTokens::Found found, FindKey(job.key));
  const bool wrong = TakeWrong();
  const int key_uses = TakeKeyUses();
  std::vector<DigestSignature> signatures;
  for (const std::string& digest : job.digests) {
    ASSIGN_OR_RETURN(std::string signature,
                     SignDigest(found.key.get(), job, digest));
    if (wrong) signature.back() = static_cast<char>(signature.back() ^ 1);
    signatures.push_back({std::move(signature), found.token, key_uses});
  }
  base::MutexLock lock(mutex_);
  signed_digests_ += static_cast<int64_t>(signatures.size());
  return signatures;
}

absl::Status FakeSigner::TakeFault() {
  base::MutexLock lock(mutex_);
  return sign_fault_.Take();
}

absl::StatusOr<FakeTokens::Found> FakeSigner::FindKey(const KeyRef& key) const {
  base::MutexLock lock(mutex_);
  return tokens_.Find(key);
}

bool FakeSigner::TakeWrong() {
  base::MutexLock lock(mutex_);
  if (wrong_ == 0) return false;
  --wrong_;
  return true;
}

int FakeSigner::TakeKeyUses() {
  base::MutexLock lock(mutex_);
  if (more_uses_ == 0) return 1;
  --more_uses_;
  return key_uses_;
}

}  // namespace countersign::core
