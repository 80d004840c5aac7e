// Key pairs in the token: making one, finding exactly one by class, CKA_ID and
// label, reading its public key, and having it prove itself. What follows for
// the life of a key is in key_life.h. Blocks in every function.
#ifndef COUNTERSIGN_HSM_KEY_PAIR_H_
#define COUNTERSIGN_HSM_KEY_PAIR_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/algorithms.h"
#include "core/signer.h"
#include "hsm/session.h"

namespace countersign::hsm {

// The objects of one key that are in the token. Many real ones keep no public
// key object.
struct KeyHalves {
  std::optional<CK_OBJECT_HANDLE> private_key;
  std::optional<CK_OBJECT_HANDLE> public_key;
};

// Those with the id and label of `key`. FAILED_PRECONDITION KEY_DOUBLED.
absl::StatusOr<KeyHalves> FindHalves(Session& session, const core::KeyRef& key);

// The pair with the id and label of `key`; nullopt where neither half is
// there. FAILED_PRECONDITION KEY_DOUBLED or KEY_INCOMPLETE.
absl::StatusOr<std::optional<KeyPairHandles>> FindKeyPair(
    Session& session, const core::KeyRef& key);

// Makes the pair in the token, sensitive and for signing only, and checks what
// the token then says of it; a key that fails is destroyed again. `session` is
// read-write. Seconds for RSA-4096. FAILED_PRECONDITION MECHANISM_ABSENT where
// the token cannot make such keys.
absl::StatusOr<KeyPairHandles> GenerateKeyPair(
    Session& session, const core::KeyRef& key,
    const std::vector<std::string>& accept_attributes = {});

// FAILED_PRECONDITION KEY_OF_OTHER_TYPE where `spki` is not of the type of
// `key`.
absl::Status CheckSpkiType(absl::string_view spki, const core::KeyRef& key);

// SPKI, DER, of a public key object. FAILED_PRECONDITION KEY_OF_OTHER_TYPE
// where it is not of the type of `key`.
absl::StatusOr<std::string> ReadSpki(Session& session,
                                     CK_OBJECT_HANDLE public_key,
                                     const core::KeyRef& key);

// SPKI of a key that has its private half: from that, where it tells its public
// key, otherwise from the public half. nullopt where neither tells it. The same
// error.
absl::StatusOr<std::optional<std::string>> ReadSpki(Session& session,
                                                    const KeyHalves& halves,
                                                    const core::KeyRef& key);

// Has the key sign `challenge` by its customary algorithm, or by another where
// it may not use that one, and checks it against `spki`: that it is the private
// half of it. FAILED_PRECONDITION KEY_NOT_PROVED, MECHANISM_ABSENT; the session
// must be dropped after any other error.
absl::Status ProveKey(Session& session, CK_OBJECT_HANDLE private_key,
                      const core::KeyRef& key, absl::string_view spki,
                      absl::string_view challenge);

// The private key of `key`, after its public key was compared with the pinned
// SPKI; where the token does not tell it, after the key signed a text that says
// so. FAILED_PRECONDITION KEY_MISSING, KEY_NOT_PINNED and those above.
absl::StatusOr<CK_OBJECT_HANDLE> FindPinnedKey(Session& session,
                                               const core::KeyRef& key);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_KEY_PAIR_H_
