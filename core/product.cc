#include "core/product.h"

#include <algorithm>
#include <utility>

namespace countersign::core {

bool KeyVersion::operator==(const KeyVersion& o) const {
  return name == o.name && state == o.state && type == o.type &&
         key_id == o.key_id && label == o.label && tokens == o.tokens &&
         registered == o.registered && spki == o.spki &&
         findings == o.findings && chain == o.chain && issued == o.issued &&
         renewal == o.renewal && create_time == o.create_time &&
         start_time == o.start_time && destroy_time == o.destroy_time &&
         destroying == o.destroying && max_signatures == o.max_signatures;
}

bool MayBeOneKey(const KeyVersion& a, const KeyVersion& b) {
  if (!a.spki.empty() && a.spki == b.spki) return true;
  if (a.key_id != b.key_id || a.label != b.label || a.key_id.empty()) {
    return false;
  }
  // No token is the default one, whichever that was.
  if (a.tokens.empty() || b.tokens.empty()) return true;
  return std::any_of(
      a.tokens.begin(), a.tokens.end(), [&b](const std::string& token) {
        return std::find(b.tokens.begin(), b.tokens.end(), token) !=
               b.tokens.end();
      });
}

std::vector<KeyVersion> NewlyRegistered(const Product& next,
                                        const Product* before) {
  std::vector<KeyVersion> keys;
  for (const Operation& operation : next.operations) {
    const Operation* old =
        before == nullptr ? nullptr
                          : before->FindOperation(operation.name.operation);
    for (const KeyVersion& key : operation.key_versions) {
      if (!key.registered) continue;
      const KeyVersion* was =
          old == nullptr ? nullptr : old->FindKeyVersion(key.name.version);
      if (was == nullptr || was->spki != key.spki ||
          was->key_id != key.key_id || was->label != key.label) {
        keys.push_back(key);
      }
    }
  }
  return keys;
}

const KeyVersion* FindSameKey(const Product& product, const KeyVersion& key) {
  for (const Operation& operation : product.operations) {
    for (const KeyVersion& other : operation.key_versions) {
      if (!(other.name == key.name) && MayBeOneKey(other, key)) return &other;
    }
  }
  return nullptr;
}

KeyRef RefOf(const KeyVersion& key) {
  return KeyRef{key.key_id, key.label, key.type, key.spki, key.tokens};
}

absl::string_view ToString(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::kUnspecified:
      return "UNSPECIFIED";
    case RevocationReason::kKeyCompromise:
      return "KEY_COMPROMISE";
    case RevocationReason::kAffiliationChanged:
      return "AFFILIATION_CHANGED";
    case RevocationReason::kSuperseded:
      return "SUPERSEDED";
    case RevocationReason::kCessationOfOperation:
      return "CESSATION_OF_OPERATION";
  }
  return "";
}

bool CertificateInfo::operator==(const CertificateInfo& o) const {
  return common_name == o.common_name && description == o.description &&
         external_root == o.external_root && use_case == o.use_case &&
         certificate_type == o.certificate_type && profile_id == o.profile_id &&
         subject == o.subject;
}

const KeyVersion* Operation::SigningKey(absl::Time now) const {
  const bool chain_needed = type == OperationType::kDetachedSignature;
  for (auto it = key_versions.rbegin(); it != key_versions.rend(); ++it) {
    if (it->MaySign(now) && (!chain_needed || it->chain.has_value())) {
      return &*it;
    }
  }
  return nullptr;
}

const KeyVersion* Operation::NewestKey() const {
  for (auto it = key_versions.rbegin(); it != key_versions.rend(); ++it) {
    if (it->state == KeyState::kEnabled) return &*it;
  }
  return nullptr;
}

const KeyVersion* Operation::FindKeyVersion(int64_t version) const {
  for (const KeyVersion& key : key_versions) {
    if (key.name.version == version) return &key;
  }
  return nullptr;
}

bool Operation::operator==(const Operation& o) const {
  return name == o.name && display_name == o.display_name &&
         description == o.description && type == o.type &&
         key_type == o.key_type && key_display_name == o.key_display_name &&
         key_description == o.key_description && certificate == o.certificate &&
         allowed_hashes == o.allowed_hashes &&
         allowed_algorithms == o.allowed_algorithms && rule == o.rule &&
         existing_key == o.existing_key &&
         max_signatures_per_key == o.max_signatures_per_key &&
         enabled == o.enabled && key_versions == o.key_versions;
}

const Operation* Product::FindOperation(absl::string_view operation_id) const {
  for (const Operation& operation : operations) {
    if (operation.name.operation == operation_id) return &operation;
  }
  return nullptr;
}

Operation* Product::FindOperation(absl::string_view operation_id) {
  return const_cast<Operation*>(
      std::as_const(*this).FindOperation(operation_id));
}

bool Product::operator==(const Product& o) const {
  return name == o.name && display_name == o.display_name &&
         description == o.description && product_type == o.product_type &&
         token == o.token && state == o.state &&
         enabled_on_approval == o.enabled_on_approval && creator == o.creator &&
         decision == o.decision && operations == o.operations &&
         create_time == o.create_time && update_time == o.update_time &&
         request_id == o.request_id && content_digest == o.content_digest &&
         revision == o.revision;
}

absl::string_view ToString(OperationType type) {
  switch (type) {
    case OperationType::kDigestSigning:
      return "DIGEST_SIGNING";
    case OperationType::kDetachedSignature:
      return "DETACHED_SIGNATURE";
  }
  return "";
}

absl::string_view ToString(ProductState state) {
  switch (state) {
    case ProductState::kPendingApproval:
      return "PENDING_APPROVAL";
    case ProductState::kActive:
      return "ACTIVE";
    case ProductState::kDisabled:
      return "DISABLED";
    case ProductState::kRejected:
      return "REJECTED";
  }
  return "";
}

absl::string_view ToString(KeyState state) {
  switch (state) {
    case KeyState::kGenerating:
      return "GENERATING";
    case KeyState::kEnabled:
      return "ENABLED";
    case KeyState::kDisabled:
      return "DISABLED";
    case KeyState::kDestroyScheduled:
      return "DESTROY_SCHEDULED";
    case KeyState::kDestroyed:
      return "DESTROYED";
  }
  return "";
}

}  // namespace countersign::core
