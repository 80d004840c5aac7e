#include "client/login/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxFile = 1 << 20;
constexpr absl::Duration kLockLimit = absl::Seconds(30);
constexpr absl::Duration kLockPause = absl::Milliseconds(50);

absl::Status Failed(absl::string_view what, const std::string& path) {
  return TokenUnreadable(path, absl::StrCat(what, ": ", std::strerror(errno)));
}

// What `info` says about a file or a folder that shall be ours alone.
absl::Status CheckOurs(const struct stat& info, const std::string& path,
                       const char* repair) {
  if (info.st_uid != geteuid()) {
    return TokenUnreadable(path, "it belongs to another user");
  }
  if ((info.st_mode & 077) != 0) {
    return TokenUnreadable(
        path, absl::StrCat("others may use it. Log out, run: ", repair, " ",
                           path, " and log in again"));
  }
  return absl::OkStatus();
}

// Makes each part that is missing; true for an error with errno.
bool MakeFolders(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return true;
    if (slash == std::string::npos) return false;
  }
}

// The octets of an open file.
absl::StatusOr<base::SecretBytes> ReadAll(int fd, size_t size,
                                          const std::string& path) {
  std::vector<char> buffer(size);
  const absl::Cleanup cleanse = [&buffer] {
    OPENSSL_cleanse(buffer.data(), buffer.size());
  };
  size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got = read(fd, buffer.data() + done, buffer.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return base::SecretBytes(absl::string_view(buffer.data(), done));
}

}  // namespace

absl::Status MakePrivateFolder(const std::string& path) {
  if (MakeFolders(path)) return Failed("making the folder", path);
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) return Failed("lstat", path);
  if (!S_ISDIR(info.st_mode)) return TokenUnreadable(path, "it is no folder");
  return CheckOurs(info, path, "chmod 700");
}

absl::StatusOr<std::optional<base::SecretBytes>> ReadPrivateFile(
    const std::string& path) {
  // O_NONBLOCK: a FIFO in its place must not hang us.
  const int fd =
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return std::optional<base::SecretBytes>();
  }
  if (fd < 0 && errno == ELOOP) return TokenUnreadable(path, "it is a link");
  if (fd < 0) return Failed("open", path);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat info = {};
  if (fstat(fd, &info) != 0) return Failed("fstat", path);
  if (!S_ISREG(info.st_mode)) {
    return TokenUnreadable(path, "it is not a regular file");
  }
  RETURN_IF_ERROR(CheckOurs(info, path, "chmod 600"));
  if (static_cast<size_t>(info.st_size) > kMaxFile) {
    return TokenUnreadable(path, "it has more than 1 MiB");
  }
  ASSIGN_OR_RETURN(base::SecretBytes contents,
                   ReadAll(fd, static_cast<size_t>(info.st_size), path));
  return std::optional<base::SecretBytes>(std::move(contents));
}

absl::Status WritePrivateFile(const std::string& path,
                              const base::SecretBytes& contents) {
  // WriteFileAtomically keeps an old file's mode and follows links.
  struct stat info = {};
  if (lstat(path.c_str(), &info) == 0 &&
      (!S_ISREG(info.st_mode) || (info.st_mode & 07777) != 0600) &&
      unlink(path.c_str()) != 0) {
    return Failed("unlink", path);
  }
  const absl::Status written =
      base::WriteFileAtomically(path, contents.DangerouslyExpose(), 0600);
  if (written.ok()) return written;
  return TokenUnreadable(path, written.message());
}

absl::StatusOr<FileLock> FileLock::Acquire(const LoginWorld& world,
                                           const std::string& path) {
  const int fd =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Failed("open", path);
  FileLock lock(fd);
  const absl::Duration until = world.steady() + kLockLimit;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Failed("flock", path);
    if (world.steady() >= until) {
      return base::MakeError(
          absl::StatusCode::kUnavailable,
          absl::StrCat(path,
                       " is locked: another process logs in or refreshes"
                       " a token; try again later"),
          Because("LOCKED"));
    }
    RETURN_IF_ERROR(Wait(world, kLockPause));
  }
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace countersign::client
