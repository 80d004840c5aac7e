#include "auth/authenticator.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/json_web_token.h"
#include "auth/verify_token.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

using core::Principal;
using core::error::TokenRefused;

std::string PersonOf(const Principal& p, const core::Policy& policy) {
  const auto found = policy.people.find({p.subject, p.issuer});
  return found == policy.people.end() ? "" : found->second;
}

absl::Status CheckBinding(const VerifiedToken& token,
                          const CertificateIdentity* certificate) {
  if (token.bound_certificate.empty()) return absl::OkStatus();
  if (certificate == nullptr) {
    return TokenRefused("TOKEN_NOT_BOUND",
                        "it is bound to a client certificate, and the "
                        "connection has none");
  }
  if (token.bound_certificate != certificate->fingerprint) {
    return TokenRefused("TOKEN_NOT_BOUND",
                        "it is bound to another client certificate than the "
                        "connection's");
  }
  return absl::OkStatus();
}

// Neither widens the other.
absl::StatusOr<Principal> Both(const Principal& token,
                               const Principal& certificate) {
  if (!token.person.empty() && !certificate.person.empty() &&
      token.person != certificate.person) {
    return TokenRefused(
        "TOKEN_NOT_BOUND",
        absl::StrCat("it is of ", token.person,
                     ", and the connection's client certificate of ",
                     certificate.person, "; come with one of them"));
  }
  Principal both = token;
  both.groups.clear();
  std::set_intersection(token.groups.begin(), token.groups.end(),
                        certificate.groups.begin(), certificate.groups.end(),
                        std::inserter(both.groups, both.groups.end()));
  both.certificate_subject = certificate.subject;
  // Whose certificate it is, is known even where the token is nobody's.
  if (both.person.empty()) both.person = certificate.person;
  return both;
}

const TokenIssuer* FindByName(const AccessSnapshot& rules,
                              const std::string& name) {
  const auto found =
      std::find_if(rules.token_issuers.begin(), rules.token_issuers.end(),
                   [&name](const TokenIssuer& i) { return i.name == name; });
  return found == rules.token_issuers.end() ? nullptr : &*found;
}

}  // namespace

Authenticator::Authenticator(std::shared_ptr<const AccessSnapshot> snapshot,
                             size_t max_remembered, IssuerKeys* keys)
    : keys_(keys),
      snapshot_(std::move(snapshot)),
      certificates_(max_remembered),
      tokens_(max_remembered) {}

absl::StatusOr<Authenticated> Authenticator::Authenticate(
    const CallCredentials& credentials, absl::Time now) {
  const Rules rules = snapshot();
  const bool tokens_taken = keys_ != nullptr && !rules->token_issuers.empty();
  const bool has_token = tokens_taken && !credentials.token.empty();
  if (credentials.leaf_pem.empty() && !has_token) {
    return core::error::NoCredential(tokens_taken);
  }
  std::shared_ptr<const Certified> certified;
  if (!credentials.leaf_pem.empty()) {
    ASSIGN_OR_RETURN(certified, Certificate(credentials.leaf_pem, rules, now));
  }
  if (!has_token) {
    return Authenticated{certified->principal, certified->identity.not_after,
                         ""};
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const Vouched> vouched,
                   Token(credentials.token, rules, now));
  RETURN_IF_ERROR(CheckBinding(
      vouched->token, certified == nullptr ? nullptr : &certified->identity));
  Authenticated who{vouched->principal, vouched->token.expire_time,
                    vouched->token.issuer_name};
  if (certified == nullptr) return who;
  ASSIGN_OR_RETURN(who.principal,
                   Both(vouched->principal, certified->principal));
  who.expire_time = std::min(who.expire_time, certified->identity.not_after);
  return who;
}

absl::StatusOr<Principal> Authenticator::Authenticate(
    absl::string_view leaf_pem, absl::Time now) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Certified> certified,
                   Certificate(leaf_pem, snapshot(), now));
  return certified->principal;
}

absl::StatusOr<std::shared_ptr<const Authenticator::Certified>>
Authenticator::Certificate(absl::string_view leaf_pem, const Rules& rules,
                           absl::Time now) {
  std::string key = base::Sha256(leaf_pem);
  {
    base::MutexLock lock(mutex_);
    if (const auto* found = certificates_.Find(key)) {
      if ((*found)->rules == rules && (*found)->identity.ValidAt(now)) {
        return *found;
      }
      certificates_.Forget(key);
    }
  }
  // Outside the lock: parsing costs some 50 us.
  Certified certified;
  ASSIGN_OR_RETURN(certified.identity, IdentifyCertificate(leaf_pem, now));
  const CertificateIdentity& identity = certified.identity;
  Principal& principal = certified.principal;
  principal.subject = identity.subject;
  principal.issuer = identity.issuer;
  principal.credential = core::CredentialKind::kClientCertificate;
  principal.credential_fingerprint = identity.fingerprint;
  principal.groups =
      rules->group_rules.Evaluate(identity.subject, identity.issuer);
  principal.person = PersonOf(principal, rules->policy);
  certified.rules = rules;
  auto shared = std::make_shared<const Certified>(std::move(certified));

  base::MutexLock lock(mutex_);
  certificates_.Put(std::move(key), shared);
  return shared;
}

absl::StatusOr<std::shared_ptr<const Authenticator::Vouched>>
Authenticator::Token(absl::string_view token, const Rules& rules,
                     absl::Time now) {
  // What is too long is refused below; hashing it would be work for nothing.
  std::string key =
      token.size() <= kMaxTokenSize ? base::Sha256(token) : std::string();
  std::shared_ptr<const Vouched> vouched;
  {
    base::MutexLock lock(mutex_);
    if (const auto* found = tokens_.Find(key)) vouched = *found;
  }
  if (vouched != nullptr) {
    // Outside the lock: it asks for the issuer's keys.
    if (vouched->rules == rules && IsStillGood(*vouched, now)) return vouched;
    base::MutexLock lock(mutex_);
    tokens_.Forget(key);
  }
  ASSIGN_OR_RETURN(Vouched fresh, Verify(token, rules, now));
  vouched = std::make_shared<const Vouched>(std::move(fresh));
  base::MutexLock lock(mutex_);
  tokens_.Put(std::move(key), vouched);
  return vouched;
}

absl::StatusOr<Authenticator::Vouched> Authenticator::Verify(
    absl::string_view token, const Rules& rules, absl::Time now) const {
  Vouched vouched;
  ASSIGN_OR_RETURN(vouched.token, VerifyToken(
                                      token, rules->token_issuers,
                                      [this](const std::string& issuer,
                                             absl::string_view missing) {
                                        return keys_->Find(issuer, missing);
                                      },
                                      now));
  VerifiedToken& verified = vouched.token;
  const TokenIssuer* const issuer = FindByName(*rules, verified.issuer_name);
  Principal& principal = vouched.principal;
  principal.subject = verified.subject;
  principal.issuer = verified.issuer;
  principal.credential = core::CredentialKind::kBearerToken;
  principal.credential_fingerprint = verified.fingerprint;
  ASSIGN_OR_RETURN(principal.groups,
                   rules->group_rules.Evaluate(verified, *issuer));
  principal.person = PersonOf(principal, rules->policy);
  principal.claims = std::move(verified.recorded);
  principal.issuer_key = verified.key_thumbprint;
  verified.claims = base::Json();
  verified.recorded.clear();
  vouched.rules = rules;
  return vouched;
}

// Why it is not, VerifyToken tells.
bool Authenticator::IsStillGood(const Vouched& vouched, absl::Time now) const {
  const VerifiedToken& token = vouched.token;
  const absl::StatusOr<std::shared_ptr<const KeySet>> keys =
      keys_->Find(token.issuer_name, "");
  return keys.ok() &&
         CheckAgain(token, *FindByName(*vouched.rules, token.issuer_name),
                    **keys, now)
             .ok();
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
  return certificates_.size() + tokens_.size();
}

}  // namespace countersign::auth
