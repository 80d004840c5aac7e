// What the server shows and whom it trusts in TLS: its certificate, the key of
// it, the CAs that vouch for callers; and a holder of the ones that count now.
// Both ports take them from here for each new connection, so that they can
// change while the server runs (tls_files.h). Plain values; nothing is read.
#ifndef COUNTERSIGN_SERVER_TLS_IDENTITY_H_
#define COUNTERSIGN_SERVER_TLS_IDENTITY_H_

#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "base/secret_bytes.h"

namespace countersign::server {

// Immutable once it is in a CurrentTls.
struct TlsIdentity {
  std::string certificate_pem;  // leaf first
  base::SecretBytes private_key_pem;
  std::string client_ca_pem;

  bool operator==(const TlsIdentity& o) const {
    return certificate_pem == o.certificate_pem &&
           client_ca_pem == o.client_ca_pem &&
           private_key_pem.ConstantTimeEquals(o.private_key_pem);
  }
};

// Thread-safe.
class CurrentTls {
 public:
  explicit CurrentTls(TlsIdentity first)
      : identity_(std::make_shared<const TlsIdentity>(std::move(first))) {}

  std::shared_ptr<const TlsIdentity> Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    return identity_;
  }
  // For connections that come from now on; those that are open stay. `next` is
  // one certificate with its own key: torn pairs are refused before
  // (tls_files.h).
  void Replace(TlsIdentity next) ABSL_LOCKS_EXCLUDED(mutex_) {
    auto fresh = std::make_shared<const TlsIdentity>(std::move(next));
    base::MutexLock lock(mutex_);
    identity_.swap(fresh);
  }

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const TlsIdentity> identity_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TLS_IDENTITY_H_
