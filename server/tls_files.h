// The files behind the server's TLS: read and checked together, and read again
// when they change, as workloads get certificates that live for an hour (SPIFFE
// X.509-SVIDs and bundles, cert-manager). A torn state, such as a new
// certificate beside the old key, is refused and what was there stays. It has
// no thread: the app polls it, as it does config_watcher.h, which sees that
// other files are named.
#ifndef COUNTERSIGN_SERVER_TLS_FILES_H_
#define COUNTERSIGN_SERVER_TLS_FILES_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/tls_identity.h"

namespace countersign::server {

struct TlsPaths {
  std::string certificate;  // listen.certificate_file
  std::string private_key;  // listen.private_key_file
  std::string client_ca;    // identity.client_ca_file
};

// One certificate chain with its own key, valid at `now`, and CAs that can
// vouch. Errors begin with the configuration's name of the field. Reads files.
absl::StatusOr<TlsIdentity> ReadTlsFiles(const TlsPaths& paths, absl::Time now);

// Single-thread.
class TlsFiles {
 public:
  // Takes a new identity into use elsewhere (HttpServer::ReplaceTls) and says
  // whether it serves there.
  using Apply = std::function<absl::Status(const TlsIdentity&)>;

  // What `current` holds was read from `paths` before; the first polls look
  // again, so that no change is missed. `current` and `clock` outlive this;
  // `apply` may be null.
  TlsFiles(TlsPaths paths, CurrentTls& current, const base::Clock& clock,
           Apply apply);

  // Looks whether a file changed; where all three have been as they are since
  // the last poll, reads them. True where a new identity is in use from now on.
  // Files that do not serve are logged once as tls_files_refused, and tried
  // again with each poll: a certificate may become valid.
  bool Poll();

 private:
  // Tells one state of a file from another without reading it; links are
  // followed, as mounted secrets are swapped by them.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    int64_t size = -1;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const Stamp& o) const {
      return device == o.device && inode == o.inode && size == o.size &&
             modified_ns == o.modified_ns && changed_ns == o.changed_ns;
    }
  };
  static Stamp StampOf(const std::string& path);
  absl::StatusOr<bool> Load();

  const TlsPaths paths_;
  CurrentTls& current_;
  const base::Clock& clock_;
  const Apply apply_;
  std::array<Stamp, 3> seen_;
  bool pending_ = true;  // there is something that was not taken into use
  std::string fault_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TLS_FILES_H_
