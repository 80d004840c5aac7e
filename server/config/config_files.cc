#include "server/config/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/pem.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxPemOctets = 1 << 20;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A passphrase is never asked for: there is nobody at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::string ResolvePath(const std::string& config_path,
                        const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  const std::string folder = FolderOf(config_path);
  return folder == "/" ? absl::StrCat("/", path)
                       : absl::StrCat(folder, "/", path);
}

std::string AbsolutePath(const std::string& path) {
  if (path.empty()) return path;
  std::error_code ignored;  // where the working folder is gone: as written
  const std::filesystem::path out = std::filesystem::absolute(path, ignored);
  return ignored ? path : out.string();
}

std::string RealPath(const std::string& path) {
  std::error_code absent;
  const std::filesystem::path out = std::filesystem::canonical(path, absent);
  return absent ? path : out.string();
}

absl::Status CheckReadableFile(const std::string& path) {
  // O_NONBLOCK: a FIFO in the file's place must not hang the start.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat info = {};
  if (fstat(fd, &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("fstat ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not a regular file"));
  }
  return absl::OkStatus();
}

absl::Status CheckFolderOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  struct stat info = {};
  if (stat(folder.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("the folder ", folder));
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(folder, " is no folder"));
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return absl::ErrnoToStatus(
        errno, absl::StrCat("no file can be made in the folder ", folder));
  }
  return absl::OkStatus();
}

absl::StatusOr<CertificateFile> ReadCertificateFile(const std::string& path) {
  RETURN_IF_ERROR(CheckReadableFile(path));
  CertificateFile out;
  ASSIGN_OR_RETURN(out.pem, base::ReadFile(path, kMaxPemOctets));
  absl::StatusOr<std::vector<base::PemBlock>> blocks = base::ParsePem(out.pem);
  if (!blocks.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", blocks.status().message()));
  }
  for (const base::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") {
      return absl::InvalidArgumentError(absl::StrCat(
          path, " holds a block ", base::EscapeForDisplay(block.label),
          "; only CERTIFICATE blocks belong here"));
    }
    absl::StatusOr<base::X509Ptr> certificate =
        base::ParseCertificateDer(block.contents);
    if (!certificate.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ", block ", out.certificates.size() + 1, ": ",
                       certificate.status().message()));
    }
    out.certificates.push_back(*std::move(certificate));
  }
  if (out.certificates.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds no PEM block CERTIFICATE"));
  }
  return out;
}

absl::StatusOr<base::EvpPkeyPtr> ReadPrivateKeyFile(const std::string& path) {
  // For its checks; a key is more than the first line.
  RETURN_IF_ERROR(base::ReadSecretFile(path).status());
  ERR_clear_error();
  const base::BioPtr bio(BIO_new_file(path.c_str(), "r"));
  if (bio == nullptr) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument, path);
  }
  base::EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds no private key in PEM without passphrase"));
  }
  return key;
}

}  // namespace countersign::server
