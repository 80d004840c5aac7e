#include "core/fake_signer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "core/algorithms.h"

namespace countersign::core {
namespace {

const unsigned char* Octets(const std::string& s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

const char* CurveName(KeyType type) {
  return KeyBits(type) == 256   ? "P-256"
         : KeyBits(type) == 384 ? "P-384"
                                : "P-521";
}

const EVP_MD* Hash(HashAlgorithm hash) {
  return hash == HashAlgorithm::kSha256   ? EVP_sha256()
         : hash == HashAlgorithm::kSha384 ? EVP_sha384()
                                          : EVP_sha512();
}

base::EvpPkeyPtr GenerateKey(KeyType type) {
  return base::EvpPkeyPtr(
      IsRsa(type) ? EVP_RSA_gen(static_cast<unsigned>(KeyBits(type)))
                  : EVP_EC_gen(CurveName(type)));
}

base::EvpPkeyPtr Share(EVP_PKEY* key) {
  EVP_PKEY_up_ref(key);
  return base::EvpPkeyPtr(key);
}

// The `index`-th key of a type in this process, made when first asked for.
base::EvpPkeyPtr PooledKey(KeyType type, int index) {
  struct Pool {
    base::Mutex mutex;
    std::map<std::pair<KeyType, int>, base::EvpPkeyPtr> keys
        ABSL_GUARDED_BY(mutex);
  };
  static Pool* const pool = new Pool;  // never destroyed: threads may outlive
  base::MutexLock lock(pool->mutex);
  base::EvpPkeyPtr& key = pool->keys[{type, index}];
  if (key == nullptr) key = GenerateKey(type);
  return key == nullptr ? nullptr : Share(key.get());
}

absl::Status CheckJob(const SignJob& job) {
  if (job.digests.empty() || job.digests.size() > 1000) {
    return absl::InvalidArgumentError(
        absl::StrCat(job.digests.size(), " digests; 1 to 1000 are possible"));
  }
  if (!Fits(job.key.type, job.algorithm)) {
    return absl::InvalidArgumentError("the key cannot make such signatures");
  }
  for (const std::string& digest : job.digests) {
    if (digest.size() != DigestSize(job.hash)) {
      return absl::InvalidArgumentError("a digest has the wrong length");
    }
  }
  return absl::OkStatus();
}

bool SetPadding(EVP_PKEY_CTX* ctx, SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsassaPkcs1V15:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    case SignatureAlgorithm::kRsassaPss:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    case SignatureAlgorithm::kEcdsa:
      return true;
  }
  return false;
}

absl::StatusOr<std::string> SignDigest(EVP_PKEY* key, const SignJob& job,
                                       const std::string& digest) {
  base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key, nullptr));
  if (ctx == nullptr || EVP_PKEY_sign_init(ctx.get()) != 1 ||
      !SetPadding(ctx.get(), job.algorithm) ||
      EVP_PKEY_CTX_set_signature_md(ctx.get(), Hash(job.hash)) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key)), '\0');
  size_t size = signature.size();
  if (EVP_PKEY_sign(ctx.get(),
                    reinterpret_cast<unsigned char*>(signature.data()), &size,
                    Octets(digest), digest.size()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  signature.resize(size);
  return signature;
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

absl::StatusOr<std::string> FakeSigner::MakeKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  if (make_failures_ > 0) {
    --make_failures_;
    return make_failure_;
  }
  const KeyId id{key.key_id, key.label};
  if (const auto found = keys_.find(id); found != keys_.end()) {
    if (found->second.type == key.type) return found->second.spki;
    return absl::FailedPreconditionError(
        "a key with that id and label is of another type");
  }
  base::EvpPkeyPtr made = PooledKey(key.type, made_[key.type]++);
  if (made == nullptr) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot make a key");
  }
  ASSIGN_OR_RETURN(std::string spki, base::SpkiDer(made.get()));
  keys_[id] = Key{key.type, spki, std::move(made)};
  return spki;
}

void FakeSigner::Sign(SignJob job, std::function<void(SignResult)> done) {
  Queued queued{std::move(job), std::move(done)};
  {
    base::MutexLock lock(mutex_);
    ++jobs_;
    if (held_) {
      auto place = queue_.end();
      if (queued.job.priority) {
        place = std::find_if(queue_.begin(), queue_.end(),
                             [](const Queued& q) { return !q.job.priority; });
      }
      queue_.insert(place, std::move(queued));
      return;
    }
  }
  Run(std::move(queued));
}

SignerHealth FakeSigner::Health() const {
  base::MutexLock lock(mutex_);
  return health_;
}

void FakeSigner::FailNext(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  failures_ = count;
  failure_ = std::move(status);
}

void FakeSigner::FailNextMakeKey(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  make_failures_ = count;
  make_failure_ = std::move(status);
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
  keys_.clear();
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
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key, FindKey(job.key));
  const bool wrong = TakeWrong();
  std::vector<std::string> signatures;
  for (const std::string& digest : job.digests) {
    ASSIGN_OR_RETURN(std::string signature, SignDigest(key.get(), job, digest));
    if (wrong) signature.back() = static_cast<char>(signature.back() ^ 1);
    signatures.push_back(std::move(signature));
  }
  base::MutexLock lock(mutex_);
  signed_digests_ += static_cast<int64_t>(signatures.size());
  return signatures;
}

absl::Status FakeSigner::TakeFault() {
  base::MutexLock lock(mutex_);
  if (failures_ == 0) return absl::OkStatus();
  --failures_;
  return failure_;
}

bool FakeSigner::TakeWrong() {
  base::MutexLock lock(mutex_);
  if (wrong_ == 0) return false;
  --wrong_;
  return true;
}

absl::StatusOr<base::EvpPkeyPtr> FakeSigner::FindKey(const KeyRef& ref) {
  base::MutexLock lock(mutex_);
  const auto found = keys_.find({ref.key_id, ref.label});
  if (found == keys_.end()) {
    return absl::FailedPreconditionError("no key with that id and label");
  }
  if (found->second.spki != ref.spki || found->second.type != ref.type) {
    return absl::FailedPreconditionError("the key is not the pinned one");
  }
  return Share(found->second.key.get());
}

}  // namespace countersign::core
