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

namespace countersign::core {

enum class OperationType { kDigestSigning, kDetachedSignature };
enum class ProductState { kPendingApproval, kActive, kDisabled, kRejected };
// kGenerating: intended, recorded, not yet made in the token.
enum class KeyState { kGenerating, kEnabled, kDisabled };

// A certificate chain for a key version: leaf first, no root. DER.
struct CertificateChain {
  std::vector<std::string> certificates;
  absl::Time not_after;  // of the leaf

  bool operator==(const CertificateChain& o) const {
    return certificates == o.certificates && not_after == o.not_after;
  }
};

struct KeyVersion {
  KeyVersionName name;
  KeyState state = KeyState::kGenerating;
  KeyType type = KeyType::kRsa2048;
  // CKA_ID, 16 random octets chosen before the key is made, so that making it
  // again after a crash finds it; CKA_LABEL is the name's text.
  std::string key_id;
  // Pinned SubjectPublicKeyInfo, DER; empty while kGenerating.
  std::string spki;
  std::optional<CertificateChain> chain;
  absl::Time create_time;

  bool operator==(const KeyVersion& o) const;
};

// What a DETACHED_SIGNATURE operation's certificate shall say.
struct CertificateInfo {
  std::string common_name;
  std::string description;
  bool external_root = true;
  std::string use_case;          // "CodeSigning"
  std::string certificate_type;  // "ENDENTITY"
  std::string profile_id;

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
  bool enabled = true;
  std::vector<KeyVersion> key_versions;  // ascending; the newest enabled signs

  // The key version that signs now: the newest enabled one; where a chain is
  // needed, the newest enabled one that has it, so that a rotation does not
  // stop signing before its certificate is there. nullptr where there is none.
  const KeyVersion* SigningKey() const;
  // The newest enabled one, with a chain or without: what a CSR and a chain are
  // for.
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

absl::string_view ToString(OperationType type);  // "DIGEST_SIGNING"
absl::string_view ToString(ProductState state);  // "PENDING_APPROVAL"
absl::string_view ToString(KeyState state);      // "ENABLED"

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRODUCT_H_
