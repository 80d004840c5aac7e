#include "client/artifact/file_digest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr size_t kPiece = 1 << 20;

absl::Status FileError(const std::string& name, int error) {
  const absl::StatusCode code =
      error == ENOENT                     ? absl::StatusCode::kNotFound
      : error == EACCES || error == EPERM ? absl::StatusCode::kPermissionDenied
      : error == EISDIR                   ? absl::StatusCode::kInvalidArgument
                                          : absl::StatusCode::kUnknown;
  return ArtifactError(code, "FILE_UNREADABLE",
                       absl::StrCat(name, ": ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<FileDigest> DigestDescriptor(int fd, const std::string& name,
                                            HashAlgorithm hash,
                                            const DigestProgress& progress) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) return FileError(name, errno);
  if (S_ISDIR(info.st_mode)) return FileError(name, EISDIR);
  std::optional<uint64_t> total;
  if (S_ISREG(info.st_mode)) total = static_cast<uint64_t>(info.st_size);

  base::StreamingDigest digest(OpensslHashName(hash));
  std::vector<char> piece(kPiece);
  FileDigest result;
  while (true) {
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(name, errno);
    if (got == 0) break;
    digest.Update(absl::string_view(piece.data(), got));
    result.size += got;
    if (progress) progress(result.size, total);
  }
  // A part of standard input may have been read before; then the sizes differ
  // for a good reason.
  if (total.has_value() && name != "-" && result.size != *total) {
    return ArtifactError(
        absl::StatusCode::kAborted, "FILE_CHANGED",
        absl::StrCat(name, " changed while it was read: ", *total,
                     " octets at first, ", result.size, " read"));
  }
  result.octets = digest.Finish();
  return result;
}

absl::StatusOr<FileDigest> DigestFile(const std::string& path,
                                      HashAlgorithm hash,
                                      const DigestProgress& progress) {
  if (path == "-") {
    return DigestDescriptor(STDIN_FILENO, path, hash, progress);
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError(path, errno);
  const absl::Cleanup closer = [fd] { close(fd); };
  return DigestDescriptor(fd, path, hash, progress);
}

}  // namespace countersign::client
