// Files and folders that are the user's alone, and a lock that processes share.
// What others could read or write is refused, not repaired: the secret in it
// may be known by then. Called by token_store.h.
#ifndef COUNTERSIGN_CLIENT_LOGIN_PRIVATE_FILE_H_
#define COUNTERSIGN_CLIENT_LOGIN_PRIVATE_FILE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret_bytes.h"
#include "client/login/login_world.h"

namespace countersign::client {

// Makes `path` and what is missing above it, mode 0700. UNAUTHENTICATED
// (TOKEN_UNREADABLE) where it is no folder of this user, or others may enter.
absl::Status MakePrivateFolder(const std::string& path);

// All of the file; nothing where there is none. UNAUTHENTICATED
// (TOKEN_UNREADABLE): it belongs to somebody else, others may use it (mode bits
// 077), it is no regular file or a link, or has more than 1 MiB.
absl::StatusOr<std::optional<base::SecretBytes>> ReadPrivateFile(
    const std::string& path);

// Atomically, mode 0600, whatever stood there before.
absl::Status WritePrivateFile(const std::string& path,
                              const base::SecretBytes& contents);

// Held until it dies, also where the process is killed (flock).
class FileLock {
 public:
  // Blocks, 30 s at most (UNAVAILABLE, LOCKED). CANCELLED (INTERRUPTED). The
  // file stays: whoever waits for it would lock one without a name.
  static absl::StatusOr<FileLock> Acquire(const LoginWorld& world,
                                          const std::string& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_PRIVATE_FILE_H_
