// The keys of a token as a ceremony sees them: every pair or half with its
// certificates, and one of them named by a person. Read by our own calls:
// libp11 does not see Ed25519 keys. Blocks in every function.
#ifndef COUNTERSIGN_HSM_CEREMONY_TOKEN_KEY_H_
#define COUNTERSIGN_HSM_CEREMONY_TOKEN_KEY_H_

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/signer.h"
#include "hsm/session.h"

namespace countersign::hsm {

// What is under one CKA_ID and CKA_LABEL.
struct KeySummary {
  std::string id;  // octets
  std::string label;
  std::vector<CK_OBJECT_HANDLE> private_keys;
  std::vector<CK_OBJECT_HANDLE> public_keys;
  // By CKA_ID alone: issuers label them as they like.
  std::vector<CK_OBJECT_HANDLE> certificates;
  // "RSA2048"; "" where there is no public key, "unsupported" where it is of a
  // type that core/algorithms.h does not have.
  std::string type;
};

// Sorted by label and id. Logged in; without it modules hide private keys.
absl::StatusOr<std::vector<KeySummary>> ListKeys(Session& session);

// How a person names a key: at least one of them.
struct KeyName {
  std::string label;
  std::string id;  // octets; empty where it is not said
};

// Octets from hexadecimal; "" for "". INVALID_ARGUMENT BAD_KEY_ID.
absl::StatusOr<std::string> ParseKeyId(const std::string& hex);

// The one that is meant, whole or not. NOT_FOUND KEY_MISSING,
// FAILED_PRECONDITION KEY_AMBIGUOUS.
absl::StatusOr<KeySummary> FindKey(Session& session, const KeyName& name);

// A pair that is whole and of a type that is known.
struct TokenKey {
  core::KeyRef ref;  // with its SPKI
  KeyPairHandles handles;
  std::vector<CK_OBJECT_HANDLE> certificates;
};

// Errors of FindKey; FAILED_PRECONDITION KEY_DOUBLED, KEY_INCOMPLETE or
// KEY_OF_OTHER_TYPE.
absl::StatusOr<TokenKey> LoadKey(Session& session, const KeyName& name);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_TOKEN_KEY_H_
