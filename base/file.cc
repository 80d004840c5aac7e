#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

constexpr size_t kReadBytes = 64 << 10;

absl::Status Failed(const char* call, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(call, " ", path));
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return path.substr(0, std::max<size_t>(slash, 1));
}

// A new name is durable only when its directory is.
absl::Status SyncDirectoryOf(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("open", directory);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  if (fsync(fd) != 0) return Failed("fsync", directory);
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view contents,
                      const std::string& path) {
  while (!contents.empty()) {
    const ssize_t n = write(fd, contents.data(), contents.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("write", path);
    contents.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

// All that must be on the disk before the rename.
absl::Status Fill(int fd, absl::string_view contents, mode_t mode,
                  const std::string& path) {
  if (fchmod(fd, mode) != 0) return Failed("fchmod", path);
  RETURN_IF_ERROR(WriteAll(fd, contents, path));
  if (fsync(fd) != 0) return Failed("fsync", path);
  return absl::OkStatus();
}

// Where links lead; a name that is not there yet is itself.
std::string TargetOf(const std::string& path) {
  char* const real = realpath(path.c_str(), nullptr);
  const absl::Cleanup release = [real] { free(real); };
  return real == nullptr ? path : std::string(real);
}

// Into a device or a pipe: a file in its place would break who else uses it.
absl::Status WriteInPlace(const std::string& path, absl::string_view contents) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  return WriteAll(fd, contents, path);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("open", path);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  std::string contents;
  while (true) {
    const size_t before = contents.size();
    contents.resize(before + kReadBytes);
    const ssize_t n = read(fd, contents.data() + before, kReadBytes);
    if (n < 0 && errno != EINTR) return Failed("read", path);
    contents.resize(before + static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) return contents;
    if (contents.size() > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " has more than ", max_bytes, " octets"));
    }
  }
}

absl::Status WriteFileAtomically(const std::string& name,
                                 absl::string_view contents, int mode) {
  struct stat old = {};
  const bool there = stat(name.c_str(), &old) == 0;
  if (there && !S_ISREG(old.st_mode) && !S_ISDIR(old.st_mode)) {
    return WriteInPlace(name, contents);
  }
  const std::string path = TargetOf(name);
  const mode_t final_mode =
      there ? old.st_mode & 07777 : static_cast<mode_t>(mode);
  std::string beside = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return Failed("create", beside);
  absl::Cleanup remove = [&beside] { unlink(beside.c_str()); };
  absl::Status status = Fill(fd, contents, final_mode, beside);
  if (close(fd) != 0 && status.ok()) status = Failed("close", beside);
  RETURN_IF_ERROR(status);
  if (rename(beside.c_str(), path.c_str()) != 0) return Failed("rename", path);
  std::move(remove).Cancel();
  return SyncDirectoryOf(path);
}

}  // namespace countersign::base
