// Keys of a token issuer out of a JWK Set (RFC 7517) or a SPIFFE bundle. Strict
// about what is used and calm about what is not: keys of other kinds are passed
// over, as issuers publish those too. Pure.
#ifndef COUNTERSIGN_AUTH_JSON_WEB_KEY_H_
#define COUNTERSIGN_AUTH_JSON_WEB_KEY_H_

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "auth/token_algorithm.h"

namespace countersign::auth {

struct IssuerKey {
  std::string id;          // `kid`; may be empty
  std::string spki;        // DER
  std::string thumbprint;  // RFC 7638, SHA-256, base64url
  // What it may verify: by its kind and curve, narrowed by `alg`.
  std::set<TokenAlgorithm> algorithms;

  bool operator==(const IssuerKey& o) const {
    return id == o.id && spki == o.spki && thumbprint == o.thumbprint &&
           algorithms == o.algorithms;
  }
};

// Immutable. The keys of one issuer, for signatures only.
class KeySet {
 public:
  KeySet() = default;
  explicit KeySet(std::vector<IssuerKey> keys) : keys_(std::move(keys)) {}

  const std::vector<IssuerKey>& keys() const { return keys_; }
  // The key of that id; for an empty id the only key there is. nullptr where
  // there is none or more than one would do.
  const IssuerKey* Find(absl::string_view id) const;

  bool operator==(const KeySet& o) const { return keys_ == o.keys_; }

 private:
  std::vector<IssuerKey> keys_;
};

inline constexpr size_t kMaxKeySetSize = 256 << 10;

// `text` is a JWK Set of at most kMaxKeySetSize and 100 keys. Taken are RSA
// keys of 2048 to 8192 bits with an exponent of 65537 to 2^64, EC keys on
// P-256, P-384 and P-521, and Ed25519 keys; with `use` "sig" or none (with
// `spiffe`: "jwt-svid"), `key_ops` with "verify" or none, and an `alg` that
// fits the key or none. Others are passed over. One key that comes twice with
// two `alg` counts once, for both.
// INVALID_ARGUMENT where the text is no JWK Set, a key is malformed (a point
// that is not on its curve, say) or holds a private or symmetric part, or two
// keys have one `kid`.
absl::StatusOr<KeySet> ParseKeySet(absl::string_view text, bool spiffe = false);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_JSON_WEB_KEY_H_
