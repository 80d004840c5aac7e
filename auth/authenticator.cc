#include "auth/authenticator.h"

#include <iterator>
#include <utility>

#include "base/openssl.h"
#include "base/status_macros.h"

namespace countersign::auth {

Authenticator::Authenticator(std::shared_ptr<const AccessSnapshot> snapshot,
                             size_t max_remembered, IssuerKeys* /*keys*/)
    : max_remembered_(max_remembered), snapshot_(std::move(snapshot)) {}

absl::StatusOr<core::Principal> Authenticator::Authenticate(
    absl::string_view leaf_pem, absl::Time now) {
  std::string key = base::Sha256(leaf_pem);
  std::shared_ptr<const AccessSnapshot> rules;
  {
    base::MutexLock lock(mutex_);
    rules = snapshot_;
    const auto found = index_.find(key);
    if (found != index_.end()) {
      const Entries::iterator entry = found->second;
      if (entry->rules == rules && entry->identity.ValidAt(now)) {
        entries_.splice(entries_.begin(), entries_, entry);
        return entry->principal;
      }
      ForgetLocked(entry);
    }
  }
  // Outside the lock: parsing costs some 50 us.
  ASSIGN_OR_RETURN(CertificateIdentity identity,
                   IdentifyCertificate(leaf_pem, now));
  core::Principal principal;
  principal.subject = identity.subject;
  principal.issuer = identity.issuer;
  principal.credential = core::CredentialKind::kClientCertificate;
  principal.credential_fingerprint = identity.fingerprint;
  principal.groups =
      rules->group_rules.Evaluate(identity.subject, identity.issuer);

  base::MutexLock lock(mutex_);
  RememberLocked(
      {std::move(key), std::move(identity), principal, std::move(rules)});
  return principal;
}

void Authenticator::Replace(std::shared_ptr<const AccessSnapshot> snapshot) {
  base::MutexLock lock(mutex_);
  snapshot_ = std::move(snapshot);
}

std::shared_ptr<const AccessSnapshot> Authenticator::snapshot() const {
  base::MutexLock lock(mutex_);
  return snapshot_;
}

size_t Authenticator::remembered() const {
  base::MutexLock lock(mutex_);
  return entries_.size();
}

void Authenticator::RememberLocked(Entry entry) {
  if (max_remembered_ == 0) return;
  // Another thread may have been faster with the same certificate.
  const auto same = index_.find(entry.key);
  if (same != index_.end()) ForgetLocked(same->second);
  if (entries_.size() >= max_remembered_) {
    ForgetLocked(std::prev(entries_.end()));
  }
  entries_.push_front(std::move(entry));
  index_[entries_.front().key] = entries_.begin();
}

void Authenticator::ForgetLocked(Entries::iterator entry) {
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace countersign::auth
