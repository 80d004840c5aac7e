#include "core/fake_signer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "core/algorithms.h"
#include "core/errors.h"

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
  if (type == KeyType::kEd25519) {
    return base::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
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

bool SetPadding(EVP_PKEY_CTX* ctx, SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsassaPkcs1V15:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    case SignatureAlgorithm::kRsassaPss:
      return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    case SignatureAlgorithm::kEcdsa:
    case SignatureAlgorithm::kEd25519:
      return true;
  }
  return false;
}

absl::StatusOr<std::string> SignMessage(EVP_PKEY* key,
                                        const std::string& message) {
  base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  std::string signature(64, '\0');
  size_t size = signature.size();
  if (ctx == nullptr ||
      EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(ctx.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Octets(message), message.size()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot sign");
  }
  signature.resize(size);
  return signature;
}

// `der` as r and s side by side, each as long as the order.
absl::StatusOr<std::string> FixedWidth(const std::string& der, KeyType type) {
  const unsigned char* in = Octets(der);
  const base::EcdsaSigPtr sig(
      d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  const int half = (KeyBits(type) + 7) / 8;
  std::string out(static_cast<size_t>(2 * half), '\0');
  auto* octets = reinterpret_cast<unsigned char*>(out.data());
  if (sig == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), octets, half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), octets + half, half) != half) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot convert");
  }
  return out;
}

absl::StatusOr<std::string> SignDigest(EVP_PKEY* key, const SignJob& job,
                                       const std::string& digest) {
  if (job.hash == HashAlgorithm::kUnhashed) return SignMessage(key, digest);
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
  if (job.ecdsa_form == EcdsaForm::kFixedWidth) {
    return FixedWidth(signature, job.key.type);
  }
  return signature;
}

// What a good token says of a good key.
TokenFindings FindingsOf(const std::string& token, bool made_here) {
  TokenFindings findings;
  findings.token = token;
  findings.token_label = absl::StrCat("label of ", token);
  findings.token_serial = "0001";
  findings.token_model = "fake";
  findings.attributes = {{"CKA_SENSITIVE", "true"},
                         {"CKA_EXTRACTABLE", "false"},
                         {"CKA_LOCAL", made_here ? "true" : "unknown"}};
  return findings;
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

absl::StatusOr<std::vector<std::string>> FakeSigner::TokensOfLocked(
    const KeyRef& key) const {
  if (key.tokens.empty()) {
    return std::vector<std::string>{tokens_.empty() ? "" : tokens_.front()};
  }
  for (const std::string& token : key.tokens) {
    if (!tokens_.empty() &&
        std::find(tokens_.begin(), tokens_.end(), token) == tokens_.end()) {
      return absl::NotFoundError(absl::StrCat("no token ", token));
    }
  }
  return key.tokens;
}

absl::StatusOr<const FakeSigner::Key*> FakeSigner::LookLocked(
    const std::string& token, const KeyRef& key) const {
  if (away_.count(token) != 0) {
    return absl::UnavailableError(absl::StrCat(token, " is away"));
  }
  const auto found = keys_.find({token, key.key_id, key.label});
  if (found == keys_.end()) {
    return absl::FailedPreconditionError("no key with that id and label");
  }
  if (found->second.type != key.type) {
    return absl::FailedPreconditionError(
        "a key with that id and label is of another type");
  }
  if (!key.spki.empty() && found->second.spki != key.spki) {
    return absl::FailedPreconditionError("the key is not the pinned one");
  }
  return &found->second;
}

absl::StatusOr<KeyReport> FakeSigner::MakeKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  if (make_failures_ > 0) {
    --make_failures_;
    return make_failure_;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(key));
  if (tokens.size() != 1) {
    return absl::InvalidArgumentError("a key is made in one token");
  }
  const std::string& token = tokens.front();
  if (away_.count(token) != 0) {
    return absl::UnavailableError(absl::StrCat(token, " is away"));
  }
  const KeyId id{token, key.key_id, key.label};
  if (keys_.count(id) == 0) {
    base::EvpPkeyPtr made = PooledKey(key.type, made_[key.type]++);
    if (made == nullptr) {
      return base::OpensslError(absl::StatusCode::kInternal,
                                "cannot make a key");
    }
    ASSIGN_OR_RETURN(std::string spki, base::SpkiDer(made.get()));
    keys_[id] = Key{key.type, std::move(spki), std::move(made)};
  }
  ASSIGN_OR_RETURN(const Key* found, LookLocked(token, key));
  return KeyReport{found->spki, {FindingsOf(token, true)}};
}

absl::StatusOr<std::string> FakeSigner::AddKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(key));
  const base::EvpPkeyPtr made = PooledKey(key.type, made_[key.type]++);
  if (made == nullptr) {
    return base::OpensslError(absl::StatusCode::kInternal, "cannot make a key");
  }
  ASSIGN_OR_RETURN(const std::string spki, base::SpkiDer(made.get()));
  for (const std::string& token : tokens) {
    keys_[{token, key.key_id, key.label}] =
        Key{key.type, spki, Share(made.get())};
  }
  return spki;
}

absl::StatusOr<KeyReport> FakeSigner::RegisterKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  if (make_failures_ > 0) {
    --make_failures_;
    return make_failure_;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(key));
  KeyReport report;
  for (const std::string& token : tokens) {
    ASSIGN_OR_RETURN(const Key* found, LookLocked(token, key));
    if (!report.spki.empty() && report.spki != found->spki) {
      return absl::FailedPreconditionError(
          "the tokens hold different keys with that id and label");
    }
    report.spki = found->spki;
    report.findings.push_back(FindingsOf(token, false));
  }
  return report;
}

absl::Status FakeSigner::CheckKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(key));
  for (const std::string& token : tokens) {
    RETURN_IF_ERROR(LookLocked(token, key).status());
  }
  return absl::OkStatus();
}

absl::Status FakeSigner::DestroyKey(const KeyRef& key) {
  base::MutexLock lock(mutex_);
  if (destroy_failures_ > 0) {
    --destroy_failures_;
    return destroy_failure_;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(key));
  for (const std::string& token : tokens) {
    if (away_.count(token) != 0) {
      return absl::UnavailableError(absl::StrCat(token, " is away"));
    }
    const auto found = keys_.find({token, key.key_id, key.label});
    if (found == keys_.end()) continue;
    if (found->second.spki != key.spki) {
      return absl::FailedPreconditionError("the key is not the pinned one");
    }
    keys_.erase(found);
  }
  return absl::OkStatus();
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
  failures_ = count;
  failure_ = std::move(status);
}

void FakeSigner::FailNextMakeKey(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  make_failures_ = count;
  make_failure_ = std::move(status);
}

void FakeSigner::FailNextDestroyKey(int count, absl::Status status) {
  base::MutexLock lock(mutex_);
  destroy_failures_ = count;
  destroy_failure_ = std::move(status);
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
  tokens_ = std::move(tokens);
}

void FakeSigner::SetAway(const std::string& token, bool away) {
  base::MutexLock lock(mutex_);
  if (away) {
    away_.insert(token);
  } else {
    away_.erase(token);
  }
}

bool FakeSigner::HasKey(const std::string& token, const KeyRef& key) const {
  base::MutexLock lock(mutex_);
  return keys_.count({token, key.key_id, key.label}) != 0;
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
  ASSIGN_OR_RETURN(const Found found, FindKey(job.key));
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

int FakeSigner::TakeKeyUses() {
  base::MutexLock lock(mutex_);
  if (more_uses_ == 0) return 1;
  --more_uses_;
  return key_uses_;
}

absl::StatusOr<FakeSigner::Found> FakeSigner::FindKey(const KeyRef& ref) {
  base::MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOfLocked(ref));
  absl::Status why;
  for (const std::string& token : tokens) {
    const absl::StatusOr<const Key*> found = LookLocked(token, ref);
    if (!found.ok()) {
      why = found.status();
      continue;
    }
    if ((*found)->spki != ref.spki) {
      return absl::FailedPreconditionError("the key is not the pinned one");
    }
    return Found{Share((*found)->key.get()), token};
  }
  return why;
}

}  // namespace countersign::core
