// Port: the keys. Implemented by hsm/ (PKCS#11) and by FakeSigner. What it is
// given was decided and recorded before; it decides nothing.
#ifndef COUNTERSIGN_CORE_SIGNER_H_
#define COUNTERSIGN_CORE_SIGNER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/algorithms.h"

namespace countersign::core {

// Which key: as it was made, and the public key it must have.
struct KeyRef {
  std::string key_id;  // CKA_ID, octets
  std::string label;   // CKA_LABEL
  KeyType type = KeyType::kRsa2048;
  std::string spki;  // DER; empty only for MakeKey

  bool operator==(const KeyRef& o) const {
    return key_id == o.key_id && label == o.label && type == o.type &&
           spki == o.spki;
  }
};

struct SignJob {
  KeyRef key;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRsassaPkcs1V15;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::vector<std::string> digests;  // 1..1000, of the hash's length
  absl::Time deadline;
  // An approver has just released it: ahead of what machines ask for.
  bool priority = false;
};

// As the digests: RSA octets as long as the modulus, ECDSA as DER. All or an
// error; never some.
using SignResult = absl::StatusOr<std::vector<std::string>>;

struct SignerHealth {
  bool ready = false;
  std::string message;  // why not
};

// Thread-safe.
//
// Errors: UNAVAILABLE (token away; a retry can help; carries a retry delay),
// RESOURCE_EXHAUSTED (queue full; the same), DEADLINE_EXCEEDED,
// FAILED_PRECONDITION (key missing, doubled or not the pinned one),
// INVALID_ARGUMENT (a job that does not fit its key; the token was not
// touched), INTERNAL.
class Signer {
 public:
  virtual ~Signer() = default;

  // Makes the key pair in the token: sensitive, not extractable, for signing
  // only. Where a key with that id and label is there already (a crash between
  // making and recording it), that one is taken, checked. Answers its SPKI,
  // DER. Blocks, seconds for RSA-4096.
  virtual absl::StatusOr<std::string> MakeKey(const KeyRef& key) = 0;

  // Queues the digests for the sessions and returns at once; `done` is called
  // exactly once, from a signing thread or, where the job is refused, from the
  // caller's. Each signature has been verified against the pinned SPKI.
  virtual void Sign(SignJob job, std::function<void(SignResult)> done) = 0;

  // What health and readiness tell.
  virtual SignerHealth Health() const = 0;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SIGNER_H_
