#include "base/secret_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/openssl.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

constexpr size_t kMaxFileBytes = 4096;

// Who may have written or read the file, asked of the open descriptor: a path
// could be swapped between a check and the reading.
absl::Status CheckFile(int fd, const std::string& path) {
  struct stat info = {};
  if (fstat(fd, &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("fstat ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not a regular file"));
  }
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " belongs to another user (uid ", info.st_uid,
                     "); it must belong to this process's user or to root"));
  }
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " may be used by others than its owner; run: chmod 600 ", path));
  }
  return absl::OkStatus();
}

}  // namespace

SecretBytes::SecretBytes(absl::string_view octets)
    : data_(octets.empty() ? nullptr : new char[octets.size()]),
      size_(octets.size()) {
  if (size_ > 0) std::memcpy(data_.get(), octets.data(), size_);
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) OPENSSL_cleanse(data_.get(), size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  // `taken` leaves with the old octets and zeroes them.
  SecretBytes taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  return *this;
}

bool SecretBytes::ConstantTimeEquals(const SecretBytes& other) const {
  return base::ConstantTimeEquals(DangerouslyExpose(),
                                  other.DangerouslyExpose());
}

absl::StatusOr<SecretBytes> ReadSecretText(const std::string& path) {
  // O_NONBLOCK: a FIFO in the file's place must not hang the start.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  const absl::Cleanup close_fd = [fd] { close(fd); };
  RETURN_IF_ERROR(CheckFile(fd, path));

  std::array<char, kMaxFileBytes + 1> buffer;
  const absl::Cleanup cleanse = [&buffer] {
    OPENSSL_cleanse(buffer.data(), buffer.size());
  };
  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t n = read(fd, buffer.data() + size, buffer.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", path));
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > kMaxFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has more than ", kMaxFileBytes, " octets"));
  }
  if (size == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  return SecretBytes(absl::string_view(buffer.data(), size));
}

absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path) {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadSecretText(path));
  absl::string_view line = text.DangerouslyExpose();
  if (const size_t newline = line.find('\n');
      newline != absl::string_view::npos) {
    line = line.substr(0, newline);
    absl::ConsumeSuffix(&line, "\r");
  }
  if (line.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  return SecretBytes(line);
}

}  // namespace countersign::base
