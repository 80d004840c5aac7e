#include "core/certificate_life.h"

#include <algorithm>

#include "core/errors.h"
#include "core/key_access.h"

namespace countersign::core {
namespace {

bool IsCompromised(const KeyVersion& key) {
  return std::any_of(
      key.issued.begin(), key.issued.end(), [](const IssuedCertificate& i) {
        return i.revocation.has_value() &&
               i.revocation->reason == RevocationReason::kKeyCompromise;
      });
}

bool IsRenewalDue(const Operation& operation, const KeyVersion& key,
                  const Policy& policy, absl::Time now) {
  const IssuedCertificate* current = CurrentCertificate(key);
  if (current == nullptr || key.renewal.has_value()) return false;
  const KeyVersion* signing = operation.SigningKey(now);
  if (signing != nullptr && key.name.version < signing->name.version) {
    return false;
  }
  // Where the profile is gone there is nothing to renew by.
  const CertificateProfile* profile =
      policy.FindProfile(operation.certificate->profile_id).second;
  return profile != nullptr &&
         now >= current->not_after - profile->renew_before;
}

}  // namespace

bool IsIssuedInside(const Operation& operation) {
  return operation.type == OperationType::kDetachedSignature &&
         operation.certificate.has_value() &&
         !operation.certificate->external_root;
}

const IssuedCertificate* CurrentCertificate(const KeyVersion& key) {
  for (auto it = key.issued.rbegin(); it != key.issued.rend(); ++it) {
    if (!it->revocation.has_value()) return &*it;
  }
  return nullptr;
}

absl::Status CheckMayBeCertified(const Product& product,
                                 const Operation& operation,
                                 const KeyVersion& key) {
  if (!IsIssuedInside(operation)) {
    return error::NotIssuedInside(operation.name.Format());
  }
  const absl::Status status = CheckInUse(product);
  if (!status.ok()) return status;
  const std::string name = key.name.Format();
  if (key.state != KeyState::kEnabled) {
    return error::KeyStateWrong(name, ToString(key.state), "ENABLED",
                                "issue certificates");
  }
  return IsCompromised(key) ? error::KeyCompromised(name) : absl::OkStatus();
}

std::vector<KeyVersionName> CertificatesToIssue(const Product& product) {
  std::vector<KeyVersionName> names;
  for (const Operation& operation : product.operations) {
    for (const KeyVersion& key : operation.key_versions) {
      if (key.issued.empty() && !key.chain.has_value() &&
          CheckMayBeCertified(product, operation, key).ok()) {
        names.push_back(key.name);
      }
    }
  }
  return names;
}

std::vector<KeyVersionName> RenewalsDue(const Product& product,
                                        const Policy& policy, absl::Time now) {
  std::vector<KeyVersionName> names;
  for (const Operation& operation : product.operations) {
    for (const KeyVersion& key : operation.key_versions) {
      if (CheckMayBeCertified(product, operation, key).ok() &&
          IsRenewalDue(operation, key, policy, now)) {
        names.push_back(key.name);
      }
    }
  }
  return names;
}

}  // namespace countersign::core
