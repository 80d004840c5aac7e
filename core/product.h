// What is released, its operations and their keys, as plain values. Changes to
// them are flows (product_flow.h, key_flow.h).
#ifndef COUNTERSIGN_CORE_PRODUCT_H_
#define COUNTERSIGN_CORE_PRODUCT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/algorithms.h"
#include "core/approval_rule.h"
#include "core/names.h"
#include "core/principal.h"
#include "core/signer.h"

namespace countersign::core {

enum class OperationType { kDigestSigning, kDetachedSignature };
enum class ProductState { kPendingApproval, kActive, kDisabled, kRejected };
// kGenerating: intended, recorded, not yet made or found in the token.
enum class KeyState {
  kGenerating,
  kEnabled,
  kDisabled,
  kDestroyScheduled,  // signs nothing; destroyed from destroy_time on
  kDestroyed,         // gone from its tokens; what was public stays here
};

// A certificate chain for a key version: leaf first, no root. DER.
struct CertificateChain {
  std::vector<std::string> certificates;
  absl::Time not_after;  // of the leaf

  bool operator==(const CertificateChain& o) const {
    return certificates == o.certificates && not_after == o.not_after;
  }
};

// Why a certificate is no longer good: CRLReason (RFC 5280 5.3.1), those that
// fit a code-signing key.
enum class RevocationReason {
  kUnspecified,
  kKeyCompromise,
  kAffiliationChanged,
  kSuperseded,
  kCessationOfOperation,
};
absl::string_view ToString(RevocationReason reason);  // "KEY_COMPROMISE"

struct Revocation {
  RevocationReason reason = RevocationReason::kUnspecified;
  std::string comment;  // why, in words
  Principal revoker;
  absl::Time time;

  bool operator==(const Revocation& o) const {
    return reason == o.reason && comment == o.comment && revoker == o.revoker &&
           time == o.time;
  }
};

// A certificate that the site's own authority issued for a key version; it
// stays here when another takes its place.
struct IssuedCertificate {
  std::string ca;       // configured name
  std::string profile;  // configured id
  std::string serial;   // 20 octets
  std::string sha256;   // of the DER, lower-case hex
  absl::Time not_before;
  absl::Time not_after;
  std::optional<Revocation> revocation;

  bool operator==(const IssuedCertificate& o) const {
    return ca == o.ca && profile == o.profile && serial == o.serial &&
           sha256 == o.sha256 && not_before == o.not_before &&
           not_after == o.not_after && revocation == o.revocation;
  }
};

// A renewal that was asked for and that somebody else has to agree to.
struct PendingRenewal {
  Principal requester;  // the server itself, when it is due
  absl::Time time;

  bool operator==(const PendingRenewal& o) const {
    return requester == o.requester && time == o.time;
  }
};

struct KeyVersion {
  KeyVersionName name;
  KeyState state = KeyState::kGenerating;
  KeyType type = KeyType::kRsa2048;
  // CKA_ID: of a key that is made, 16 random octets chosen before, so that
  // making it again after a crash finds it.
  std::string key_id;
  std::string label;  // CKA_LABEL: of a key that is made, the name's text
  // Configured names of the tokens that hold it. Empty in what was stored
  // before there were several: the default one.
  std::vector<std::string> tokens;
  bool registered = false;  // was in the HSM already
  // Pinned SubjectPublicKeyInfo, DER; empty while kGenerating.
  std::string spki;
  std::vector<TokenFindings> findings;  // when it was made or registered
  std::optional<CertificateChain> chain;
  // By the site's own authority, oldest first.
  std::vector<IssuedCertificate> issued;
  std::optional<PendingRenewal> renewal;
  absl::Time create_time;
  std::optional<absl::Time> start_time;  // signs from then on
  // kDestroyScheduled: when it is due; kDestroyed: when it was done.
  std::optional<absl::Time> destroy_time;
  // KEY_DESTROYING is recorded: the token may have destroyed it, so there is no
  // way back.
  bool destroying = false;
  int64_t max_signatures = 0;  // 0: no limit
  // Counted by the store, filled in by its reads where there is a limit; no
  // part of the value.
  int64_t signatures_used = 0;

  // Enabled, and its time has come.
  bool MaySign(absl::Time now) const {
    return state == KeyState::kEnabled &&
           (!start_time.has_value() || *start_time <= now);
  }
  bool operator==(const KeyVersion& o) const;
};

// True where the two may be one key: equal public keys, or equal id and label
// in a token that both name. A rule that guards the one would not guard the
// other.
bool MayBeOneKey(const KeyVersion& a, const KeyVersion& b);

// What the Signer finds it by; the pinned public key is empty while
// kGenerating.
KeyRef RefOf(const KeyVersion& key);

// A key that is in the HSM already, as somebody names it.
struct ExistingKey {
  std::string key_id;  // CKA_ID, octets
  std::string label;   // CKA_LABEL
  std::vector<std::string> tokens;

  bool operator==(const ExistingKey& o) const {
    return key_id == o.key_id && label == o.label && tokens == o.tokens;
  }
};

// What a DETACHED_SIGNATURE operation's certificate shall say.
struct CertificateInfo {
  std::string common_name;
  std::string description;
  // False: the site's own authority issues it (Policy::issuing_cas), by the
  // profile of `profile_id`.
  bool external_root = true;
  std::string use_case;          // "CodeSigning"
  std::string certificate_type;  // "ENDENTITY"
  std::string profile_id;
  // Beside the CN in the subject of a CSR: "OU=Firmware,O=Example".
  std::string subject = "";

  bool operator==(const CertificateInfo& o) const;
};

struct Operation {
  OperationName name;
  std::string display_name;
  std::string description;
  OperationType type = OperationType::kDigestSigning;
  KeyType key_type = KeyType::kRsa2048;
  std::string key_display_name;
  std::string key_description;
  std::optional<CertificateInfo> certificate;  // DETACHED_SIGNATURE only
  std::vector<HashAlgorithm> allowed_hashes;
  std::vector<SignatureAlgorithm> allowed_algorithms;
  ApprovalRule rule;
  std::optional<ExistingKey> existing_key;  // the first version is this one
  int64_t max_signatures_per_key = 0;       // of each new version; 0: no limit
  bool enabled = true;
  std::vector<KeyVersion> key_versions;  // ascending; the newest enabled signs

  // The key version that signs now: the newest enabled one whose time has come;
  // where a chain is needed, the newest such one that has it, so that a
  // rotation does not stop signing before its certificate is there. nullptr
  // where there is none.
  const KeyVersion* SigningKey(absl::Time now) const;
  // The newest enabled one, with a chain or without, its time come or not: what
  // a CSR and a chain are for.
  const KeyVersion* NewestKey() const;
  const KeyVersion* FindKeyVersion(int64_t version) const;
  bool operator==(const Operation& o) const;
};

// One person's yes or no to a product.
struct ProductDecision {
  Principal approver;
  std::string reason;
  absl::Time time;

  bool operator==(const ProductDecision& o) const {
    return approver == o.approver && reason == o.reason && time == o.time;
  }
};

struct Product {
  ProductName name;
  std::string display_name;
  std::string description;
  std::string product_type;  // "Production"; the site's own word
  // Configured name of the token that new keys are made in; empty in what was
  // asked for and in what was stored before there were several: the default.
  std::string token;
  ProductState state = ProductState::kPendingApproval;
  // The state that an approval leads to: `"enabled": false` gives kDisabled.
  bool enabled_on_approval = true;
  Principal creator;
  std::optional<ProductDecision> decision;
  std::vector<Operation> operations;
  absl::Time create_time;
  absl::Time update_time;
  std::string request_id;  // idempotency of Create; may be empty
  // Of the content that Create was given; hex SHA-256.
  std::string content_digest;
  // Counts changes from 1; the store's optimistic version, the wire's etag.
  int64_t revision = 0;

  const Operation* FindOperation(absl::string_view operation_id) const;
  Operation* FindOperation(absl::string_view operation_id);
  bool operator==(const Product& o) const;
};

// The registered key versions of `next` that `before` (nullptr: nothing) has
// not, or has not pinned: those of which a store asks FindSameKey.
std::vector<KeyVersion> NewlyRegistered(const Product& next,
                                        const Product* before);
// Another key version of `product` that may be the same key as `key`; nullptr
// where there is none.
const KeyVersion* FindSameKey(const Product& product, const KeyVersion& key);

absl::string_view ToString(OperationType type);  // "DIGEST_SIGNING"
absl::string_view ToString(ProductState state);  // "PENDING_APPROVAL"
absl::string_view ToString(KeyState state);      // "ENABLED"

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRODUCT_H_
