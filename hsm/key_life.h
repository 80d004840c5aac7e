// The life of a key in one token: making it, taking over one that is there, and
// destroying it. Free functions on a session; which token, when, and what is
// recorded of it is the caller's. Each blocks, seconds for RSA-4096.
//
// Errors of all: FAILED_PRECONDITION KEY_DOUBLED, KEY_OF_OTHER_TYPE and what is
// named below; what the module says. After an error of the module the session
// must be dropped.
#ifndef COUNTERSIGN_HSM_KEY_LIFE_H_
#define COUNTERSIGN_HSM_KEY_LIFE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/random.h"
#include "core/signer.h"
#include "hsm/session.h"

namespace countersign::hsm {

struct CheckedKey {
  std::string spki;  // DER
  // Its attributes; which token it is, is for the caller to add.
  core::TokenFindings findings;
};

// Makes the pair, where no key with its id and label is there, and checks it.
// `session` is read-write. KEY_INCOMPLETE where the private half is missing,
// KEY_UNSAFE, MECHANISM_ABSENT, PUBLIC_KEY_UNKNOWN.
absl::StatusOr<CheckedKey> MakeKeyInToken(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes);

// Takes over a key that is there already: it has the type of `key`, it is safe,
// and it signs a random challenge that its public key verifies. That is the one
// in the token, or `key.spki` where the token tells none; where it tells one
// and `key.spki` is given, they are equal. KEY_MISSING, KEY_INCOMPLETE,
// KEY_UNSAFE, KEY_NOT_PINNED, KEY_NOT_PROVED, PUBLIC_KEY_UNKNOWN,
// MECHANISM_ABSENT.
absl::StatusOr<CheckedKey> RegisterKeyInToken(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes, base::Random& random);

// Destroys what is there of the key, after each half was compared with
// `key.spki`: the private half first, so that a repetition can compare again.
// OK where nothing is there. `session` is read-write. KEY_NOT_PINNED.
absl::Status DestroyKeyInToken(Session& session, const core::KeyRef& key);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_LIFE_H_
