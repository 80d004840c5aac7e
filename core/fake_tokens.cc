#include "core/fake_tokens.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "core/algorithms.h"

namespace countersign::core {
namespace {

const char* CurveName(KeyType type) {
  return KeyBits(type) == 256   ? "P-256"
         : KeyBits(type) == 384 ? "P-384"
                                : "P-521";
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

absl::StatusOr<std::vector<std::string>> FakeTokens::TokensOf(
    const KeyRef& key) const {
  if (key.tokens.empty()) {
    return std::vector<std::string>{names_.empty() ? "" : names_.front()};
  }
  for (const std::string& token : key.tokens) {
    if (!names_.empty() &&
        std::find(names_.begin(), names_.end(), token) == names_.end()) {
      return absl::NotFoundError(absl::StrCat("no token ", token));
    }
  }
  return key.tokens;
}

absl::StatusOr<const FakeTokens::Key*> FakeTokens::Look(
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

absl::StatusOr<KeyReport> FakeTokens::Make(const KeyRef& key) {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(key));
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
  ASSIGN_OR_RETURN(const Key* found, Look(token, key));
  return KeyReport{found->spki, {FindingsOf(token, true)}};
}

absl::StatusOr<std::string> FakeTokens::Add(const KeyRef& key) {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(key));
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

absl::StatusOr<KeyReport> FakeTokens::Register(const KeyRef& key) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(key));
  KeyReport report;
  for (const std::string& token : tokens) {
    ASSIGN_OR_RETURN(const Key* found, Look(token, key));
    if (!report.spki.empty() && report.spki != found->spki) {
      return absl::FailedPreconditionError(
          "the tokens hold different keys with that id and label");
    }
    report.spki = found->spki;
    report.findings.push_back(FindingsOf(token, false));
  }
  return report;
}

absl::Status FakeTokens::Check(const KeyRef& key) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(key));
  for (const std::string& token : tokens) {
    RETURN_IF_ERROR(Look(token, key).status());
  }
  return absl::OkStatus();
}

absl::Status FakeTokens::Destroy(const KeyRef& key) {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(key));
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

absl::StatusOr<FakeTokens::Found> FakeTokens::Find(const KeyRef& ref) const {
  ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(ref));
  absl::Status why;
  for (const std::string& token : tokens) {
    const absl::StatusOr<const Key*> found = Look(token, ref);
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

void FakeTokens::SetAway(const std::string& token, bool away) {
  if (away) {
    away_.insert(token);
  } else {
    away_.erase(token);
  }
}

bool FakeTokens::Has(const std::string& token, const KeyRef& key) const {
  return keys_.count({token, key.key_id, key.label}) != 0;
}

}  // namespace countersign::core
