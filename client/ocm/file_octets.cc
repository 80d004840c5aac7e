#include "client/ocm/file_octets.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr uint64_t kPiece = 1 << 20;

}  // namespace

absl::Status FileError(const std::string& path, int error) {
  const absl::StatusCode code =
      error == ENOENT || error == ENOTDIR ? absl::StatusCode::kNotFound
      : error == EACCES || error == EPERM ? absl::StatusCode::kPermissionDenied
      : error == ENOSPC || error == EDQUOT
          ? absl::StatusCode::kResourceExhausted
          : absl::StatusCode::kUnknown;
  return ArtifactError(
      code,
      error == ENOSPC || error == EDQUOT ? "DISK_FULL" : "FILE_UNREADABLE",
      absl::StrCat(path, ": ", std::strerror(error)));
}

OpenFile& OpenFile::operator=(OpenFile&& o) noexcept {
  std::swap(fd, o.fd);
  std::swap(path, o.path);
  std::swap(size, o.size);
  std::swap(info, o.info);
  return *this;
}

OpenFile::~OpenFile() {
  if (fd >= 0) close(fd);
}

absl::StatusOr<OpenFile> OpenRegularFile(const std::string& path) {
  // Not blocking: a pipe without a writer would hold the open for ever.
  OpenFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), path);
  if (file.fd < 0 || fstat(file.fd, &file.info) != 0) {
    return FileError(path, errno);
  }
  if (!S_ISREG(file.info.st_mode)) {
    return BadInput("FILE_UNREADABLE",
                    absl::StrCat(path, " is no regular file"));
  }
  file.size = static_cast<uint64_t>(file.info.st_size);
  return file;
}

absl::StatusOr<OpenFile> OpenNamelessFile(const std::string& folder) {
  OpenFile file(
      open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600),
      absl::StrCat("a temporary file in ", folder));
  if (file.fd >= 0) return file;
  // Not every file system has such files.
  std::string path = absl::StrCat(folder, "/countersign.XXXXXX");
  file.fd = mkostemp(path.data(), O_CLOEXEC);
  if (file.fd < 0) return FileError(file.path, errno);
  unlink(path.c_str());
  return file;
}

absl::Status ReadOctets(const OpenFile& file, uint64_t offset, uint64_t size,
                        const BlobSink& sink) {
  std::vector<char> piece(std::min(size, kPiece));
  while (size > 0) {
    const ssize_t got = pread(file.fd, piece.data(), std::min(size, kPiece),
                              static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(file.path, errno);
    if (got == 0) {
      return ArtifactError(
          absl::StatusCode::kAborted, "FILE_CHANGED",
          absl::StrCat(file.path, " became shorter while it was read"));
    }
    offset += static_cast<uint64_t>(got);
    size -= static_cast<uint64_t>(got);
    RETURN_IF_ERROR(
        sink(absl::string_view(piece.data(), static_cast<size_t>(got))));
  }
  return absl::OkStatus();
}

absl::Status AppendOctets(OpenFile& file, absl::string_view octets) {
  while (!octets.empty()) {
    const ssize_t done = pwrite(file.fd, octets.data(), octets.size(),
                                static_cast<off_t>(file.size));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return FileError(file.path, errno);
    file.size += static_cast<uint64_t>(done);
    octets.remove_prefix(static_cast<size_t>(done));
  }
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const OpenFile file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                      folder);
  if (file.fd < 0 || fsync(file.fd) != 0) return FileError(folder, errno);
  return absl::OkStatus();
}

}  // namespace countersign::client
