// From what a call came with, a certificate or a token or both, to the
// Principal that everything after the door takes. It holds the site's current
// rules and swaps them whole; what was parsed and verified is remembered,
// because a pipeline calls many times with one credential. It does not verify
// the certificate's chain: TLS did.
#ifndef COUNTERSIGN_AUTH_AUTHENTICATOR_H_
#define COUNTERSIGN_AUTH_AUTHENTICATOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/certificate_identity.h"
#include "auth/group_rules.h"
#include "auth/issuer_keys.h"
#include "auth/remembered.h"
#include "auth/token_issuer.h"
#include "auth/verified_token.h"
#include "base/mutex.h"
#include "core/policy.h"
#include "core/principal.h"

namespace countersign::auth {

// What the configuration says about people, at one moment. Immutable.
struct AccessSnapshot {
  GroupRules group_rules;
  std::vector<TokenIssuer> token_issuers;
  core::Policy policy;
};

// What a call came with; either may be empty. Not kept.
struct CallCredentials {
  absl::string_view leaf_pem;
  absl::string_view token;
};

struct Authenticated {
  core::Principal principal;
  absl::Time expire_time;    // of the credential
  std::string token_issuer;  // configured name; empty for a certificate
};

// Thread-safe. Nothing here blocks but the mutex, held for a lookup.
class Authenticator {
 public:
  // `snapshot` is not null. `max_remembered` certificates are kept, and as many
  // tokens (about 1 KiB each, at most kMaxTokenSize). `keys` outlives it;
  // nullptr where no tokens are taken.
  explicit Authenticator(std::shared_ptr<const AccessSnapshot> snapshot,
                         size_t max_remembered = 4096,
                         IssuerKeys* keys = nullptr);

  // One call, one principal (docs/identity.md): a certificate alone is who it
  // says; a token alone likewise; with both the token says who is asking, the
  // groups are those that both have, so neither widens the other, and a person
  // is whom either names. A token that is bound to a certificate needs that
  // one. Where no token issuers are configured tokens are passed over.
  // UNAUTHENTICATED: NO_CREDENTIAL, UNKNOWN_IDENTITY, TOKEN_...
  // (TOKEN_NOT_BOUND also for a token and a certificate of two persons);
  // UNAVAILABLE ISSUER_KEYS_UNAVAILABLE. A token that was good before is not
  // verified again while the rules stay; its time, key and revocation are asked
  // each time.
  absl::StatusOr<Authenticated> Authenticate(const CallCredentials& credentials,
                                             absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // UNAUTHENTICATED, reason UNKNOWN_IDENTITY, as IdentifyCertificate.
  absl::StatusOr<core::Principal> Authenticate(absl::string_view leaf_pem,
                                               absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The next call goes by the new rules, whoever was remembered.
  void Replace(std::shared_ptr<const AccessSnapshot> snapshot)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::shared_ptr<const AccessSnapshot> snapshot() const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Certificates and tokens.
  size_t remembered() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Rules = std::shared_ptr<const AccessSnapshot>;

  struct Certified {
    CertificateIdentity identity;
    core::Principal principal;
    Rules rules;  // that gave groups and person
  };
  struct Vouched {
    // Without its claims: the principal has what is used of them.
    VerifiedToken token;
    core::Principal principal;
    Rules rules;  // that it was verified by
  };

  absl::StatusOr<std::shared_ptr<const Certified>> Certificate(
      absl::string_view leaf_pem, const Rules& rules, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::shared_ptr<const Vouched>> Token(absl::string_view token,
                                                       const Rules& rules,
                                                       absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Vouched> Verify(absl::string_view token, const Rules& rules,
                                 absl::Time now) const;
  bool IsStillGood(const Vouched& vouched, absl::Time now) const;

  IssuerKeys* const keys_;
  mutable base::Mutex mutex_;
  Rules snapshot_ ABSL_GUARDED_BY(mutex_);
  Remembered<std::shared_ptr<const Certified>> certificates_
      ABSL_GUARDED_BY(mutex_);
  Remembered<std::shared_ptr<const Vouched>> tokens_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_AUTHENTICATOR_H_
