// The tokens of FakeSigner: key pairs in memory by token, id and label, real
// ones of OpenSSL. They hold keys; what a signature is they do not know.
//
// RSA keys take long to make: instances of one process share them (the n-th key
// of a type is the same one in every instance).
#ifndef COUNTERSIGN_CORE_FAKE_TOKENS_H_
#define COUNTERSIGN_CORE_FAKE_TOKENS_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/openssl.h"
#include "core/signer.h"

namespace countersign::core {

// Thread-compatible. Make, Register, Check, Destroy: as Signer says.
class FakeTokens {
 public:
  // What signs for a job: the key, owned by the caller, and its token.
  struct Found {
    base::EvpPkeyPtr key;
    std::string token;
  };

  absl::StatusOr<KeyReport> Make(const KeyRef& key);
  absl::StatusOr<KeyReport> Register(const KeyRef& key) const;
  absl::Status Check(const KeyRef& key) const;
  absl::Status Destroy(const KeyRef& key);
  // A key pair that somebody put into each of the tokens of `key`, the same in
  // each. Its public key.
  absl::StatusOr<std::string> Add(const KeyRef& key);
  // In the first token of the key that is there.
  absl::StatusOr<Found> Find(const KeyRef& ref) const;
  bool Has(const std::string& token, const KeyRef& key) const;

  // Only these are configured, the first as the default; none: any name is a
  // token.
  void SetNames(std::vector<std::string> names) { names_ = std::move(names); }
  // That token does not answer, or does again.
  void SetAway(const std::string& token, bool away);
  void LoseKeys() { keys_.clear(); }

 private:
  struct Key {
    KeyType type;
    std::string spki;
    base::EvpPkeyPtr key;
  };
  // Token, id, label.
  using KeyId = std::tuple<std::string, std::string, std::string>;

  absl::StatusOr<std::vector<std::string>> TokensOf(const KeyRef& key) const;
  absl::StatusOr<const Key*> Look(const std::string& token,
                                  const KeyRef& key) const;

  std::map<KeyId, Key> keys_;
  std::map<KeyType, int> made_;  // how many were taken from the pool
  std::vector<std::string> names_;
  std::set<std::string> away_;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_TOKENS_H_
