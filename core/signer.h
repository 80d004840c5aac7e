// Port: the keys. Implemented by hsm/ (PKCS#11) and by FakeSigner. What it is
// given was decided and recorded before; it decides nothing.
#ifndef COUNTERSIGN_CORE_SIGNER_H_
#define COUNTERSIGN_CORE_SIGNER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/algorithms.h"

namespace countersign::core {

// Which key: where it is, how it is found there, and the public key it must
// have.
struct KeyRef {
  std::string key_id;  // CKA_ID, octets
  std::string label;   // CKA_LABEL
  KeyType type = KeyType::kRsa2048;
  std::string spki;  // DER; empty only for MakeKey and RegisterKey
  // Names of the configured tokens that hold it, any of which may sign. Empty:
  // the default one.
  std::vector<std::string> tokens;

  bool operator==(const KeyRef& o) const {
    return key_id == o.key_id && label == o.label && type == o.type &&
           spki == o.spki && tokens == o.tokens;
  }
};

// What one token says of a key when it is made or registered: for the record.
struct TokenFindings {
  std::string token;         // configured name
  std::string token_label;   // CK_TOKEN_INFO (PKCS#11 2.40 3.3)
  std::string token_serial;  // the same
  std::string token_model;   // the same
  // "CKA_SENSITIVE" -> "true", "false" or "unknown" (the module cannot say).
  std::map<std::string, std::string> attributes;

  bool operator==(const TokenFindings& o) const {
    return token == o.token && token_label == o.token_label &&
           token_serial == o.token_serial && token_model == o.token_model &&
           attributes == o.attributes;
  }
};

struct KeyReport {
  std::string spki;                     // DER
  std::vector<TokenFindings> findings;  // as KeyRef::tokens; never empty

  bool operator==(const KeyReport& o) const {
    return spki == o.spki && findings == o.findings;
  }
};

// A place in the queue for work that was let in and is not queued yet: it
// counts like work that waits, until the last who holds it lets go. May outlive
// the signer.
class Room {
 public:
  virtual ~Room() = default;
};
using RoomPtr = std::shared_ptr<Room>;

struct SignJob {
  KeyRef key;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRsassaPkcs1V15;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  // 1..1000, of the hash's length; with kUnhashed messages of 0..4096 octets.
  std::vector<std::string> digests;
  EcdsaForm ecdsa_form = EcdsaForm::kDer;  // kEcdsa only
  absl::Time deadline;
  // An approver has just released it: ahead of what machines ask for.
  bool priority = false;
  // Who shares the tokens fairly with others: the product's id.
  std::string share;
  // From Reserve: a job that has it is not refused for want of room. Sign lets
  // go of it once the digests are queued.
  RoomPtr room;
};

struct DigestSignature {
  // RSA and Ed25519: octets; ECDSA: in the job's form.
  std::string value;
  std::string token;  // configured name of the one that made it
  // How often the key was, or may have been, used for it: a try whose outcome
  // is unknown counts.
  int key_uses = 1;

  bool operator==(const DigestSignature& o) const {
    return value == o.value && token == o.token && key_uses == o.key_uses;
  }
};

// As the digests. All or an error; never some.
using SignResult = absl::StatusOr<std::vector<DigestSignature>>;

// True for an error of Sign after which the key may have been used all the same
// (a call that did not come back, a batch that broke off): whoever signs again
// records a second use. Kept as metadata "key_use" of the error.
bool KeyMayHaveBeenUsed(const absl::Status& error);
// `error` (which has details) with that mark.
absl::Status WithKeyUseUnknown(const absl::Status& error);

struct TokenHealth {
  std::string token;
  bool ready = false;
  std::string message;  // why not
  int stuck_calls = 0;  // that did not come back from the module
};

struct SignerHealth {
  // At least one token can sign.
  bool ready = false;
  std::string message;              // which tokens cannot, and why
  std::vector<TokenHealth> tokens;  // each that is configured
};

// Thread-safe.
//
// Errors: UNAVAILABLE (token away; a retry can help; carries a retry delay),
// RESOURCE_EXHAUSTED (too much is queued; the same), DEADLINE_EXCEEDED,
// FAILED_PRECONDITION (key missing, doubled, unsafe or not the pinned one),
// NOT_FOUND (no token of that name is configured), INVALID_ARGUMENT (a job that
// does not fit its key; the token was not touched), INTERNAL.
class Signer {
 public:
  virtual ~Signer() = default;

  // Makes the key pair in the one token of `key`: sensitive, not extractable,
  // for signing only. Where a key with that id and label is there already (a
  // crash between making and recording it), that one is taken, checked. Blocks,
  // seconds for RSA-4096, minutes at most.
  virtual absl::StatusOr<KeyReport> MakeKey(const KeyRef& key) = 0;

  // A key that is in the tokens of `key` already: exactly one with that id and
  // label in each, checked like a new one, with the same public key, and each
  // token has signed a random challenge that verifies. The same public key as
  // `key.spki`, where that is given. Blocks as MakeKey.
  virtual absl::StatusOr<KeyReport> RegisterKey(const KeyRef& key) = 0;

  // Destroys both halves in each token of `key`, after their public key was
  // compared with `key.spki`. OK where they are gone already. Blocks as
  // MakeKey. An error leaves what it could not destroy; a repetition goes on.
  virtual absl::Status DestroyKey(const KeyRef& key) = 0;

  // Whether each token of `key` holds exactly that key: OK, or the
  // FAILED_PRECONDITION that Sign would answer. Nothing is recorded of it; a
  // key whose token does not tell its public half signs a text that says so.
  // Blocks as MakeKey.
  virtual absl::Status CheckKey(const KeyRef& key) = 0;

  // Room for `digests` more, which would be begun within the bound on waiting,
  // or RESOURCE_EXHAUSTED with a retry delay. Never null. Does not block; asked
  // before anything is recorded. While no token of the key can sign there is
  // room: Sign says why it cannot.
  virtual absl::StatusOr<RoomPtr> Reserve(const KeyRef& key,
                                          size_t digests) = 0;

  // Queues the digests for the sessions and returns at once. A job without room
  // (an approver released it) is refused only where too many digests wait for
  // memory to bear, however long they take. `done` is called exactly once, by
  // the job's deadline or soon after, from a thread of the signer or, where the
  // job is refused, from the caller's. Each signature has been verified against
  // the pinned SPKI, unless that is switched off for EC.
  virtual void Sign(SignJob job, std::function<void(SignResult)> done) = 0;

  // What health and readiness tell. Does not block.
  virtual SignerHealth Health() const = 0;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNER_H_
