// The files that a configuration names, checked as far as that goes without
// using them: there, readable, of the right kind, and secrets kept from others.
// All of these read files. Errors are sentences that follow a field's name.
#ifndef COUNTERSIGN_SERVER_CONFIG_CONFIG_FILES_H_
#define COUNTERSIGN_SERVER_CONFIG_CONFIG_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::server {

// `path` as seen from the folder of `config_path`; absolute ones as they are.
std::string ResolvePath(const std::string& config_path,
                        const std::string& path);

// `path` from the root, as it is written: links and ".." are kept. Empty stays
// empty.
std::string AbsolutePath(const std::string& path);
// The file that `path` leads to, through links; `path` where there is none.
std::string RealPath(const std::string& path);

// A regular file that this process may read.
absl::Status CheckReadableFile(const std::string& path);
// The folder that `path` lies in is there, and files can be made in it.
absl::Status CheckFolderOf(const std::string& path);

struct CertificateFile {
  std::string pem;
  std::vector<base::X509Ptr> certificates;  // one at least
};
// Only CERTIFICATE blocks, at most 1 MiB.
absl::StatusOr<CertificateFile> ReadCertificateFile(const std::string& path);

// A private key, PEM without passphrase, at most 4 KiB, which only its owner
// may use (base/secret_bytes.h).
absl::StatusOr<base::EvpPkeyPtr> ReadPrivateKeyFile(const std::string& path);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_CONFIG_FILES_H_
