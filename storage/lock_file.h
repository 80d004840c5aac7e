// One server for one database: a lock that the kernel drops when its process
// ends, however it ends.
#ifndef COUNTERSIGN_STORAGE_LOCK_FILE_H_
#define COUNTERSIGN_STORAGE_LOCK_FILE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace countersign::storage {

class LockFile {
 public:
  // Makes the file where it is not there; it stays. FAILED_PRECONDITION, reason
  // DATABASE_IN_USE, where another holds the lock; does not wait.
  static absl::StatusOr<LockFile> Acquire(const std::string& path);

  ~LockFile();
  LockFile(LockFile&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  LockFile& operator=(LockFile&&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_LOCK_FILE_H_
