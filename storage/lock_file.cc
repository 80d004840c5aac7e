#include "storage/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace countersign::storage {

absl::StatusOr<LockFile> LockFile::Acquire(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  LockFile lock(fd);
  // flock(2) belongs to the open file, so that a second opener in this process
  // is refused as well, and goes when the last descriptor is closed.
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::ErrnoToStatus(errno, absl::StrCat("flock ", path));
    }
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("another server uses this database: ", path,
                     " is locked; stop that server first"),
        {"DATABASE_IN_USE", {}, {}, {}, {}});
  }
  return lock;
}

LockFile::~LockFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace countersign::storage
