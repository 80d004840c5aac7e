// From the leaf certificate of a connection to the Principal that everything
// after the door takes. It holds the site's current rules and swaps them
// whole; parsing is remembered, because a pipeline calls many times with one
// certificate. It does not verify the certificate's chain: TLS did.
#ifndef COUNTERSIGN_AUTH_AUTHENTICATOR_H_
#define COUNTERSIGN_AUTH_AUTHENTICATOR_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/certificate_identity.h"
#include "auth/group_rules.h"
#include "base/mutex.h"
#include "core/policy.h"
#include "core/principal.h"

namespace countersign::auth {

// What the configuration says about people, at one moment. Immutable.
struct AccessSnapshot {
  GroupRules group_rules;
  core::Policy policy;
};

// Thread-safe. Nothing here blocks but the mutex, held for a lookup.
class Authenticator {
 public:
  // `snapshot` is not null. `max_remembered` certificates are kept (about
  // 1 KiB each); the one unused for longest goes first.
  explicit Authenticator(std::shared_ptr<const AccessSnapshot> snapshot,
                         size_t max_remembered = 4096);

  // UNAUTHENTICATED, reason UNKNOWN_IDENTITY, as IdentifyCertificate.
  absl::StatusOr<core::Principal> Authenticate(absl::string_view leaf_pem,
                                               absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The next call goes by the new rules, whoever was remembered.
  void Replace(std::shared_ptr<const AccessSnapshot> snapshot)
      ABSL_LOCKS_EXCLUDED(mutex_);

  std::shared_ptr<const AccessSnapshot> snapshot() const
      ABSL_LOCKS_EXCLUDED(mutex_);

  size_t remembered() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    std::string key;  // SHA-256 of the PEM
    CertificateIdentity identity;
    core::Principal principal;
    // The rules that gave principal.groups.
    std::shared_ptr<const AccessSnapshot> rules;
  };
  using Entries = std::list<Entry>;

  void RememberLocked(Entry entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetLocked(Entries::iterator entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_remembered_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const AccessSnapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // last used first
  std::unordered_map<std::string, Entries::iterator> index_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_AUTHENTICATOR_H_
