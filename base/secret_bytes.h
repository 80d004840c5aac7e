// Octets that must not leak: a PIN, a private key file. Move-only, zeroed when
// it dies, compared in constant time, and not printable.
#ifndef COUNTERSIGN_BASE_SECRET_BYTES_H_
#define COUNTERSIGN_BASE_SECRET_BYTES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(absl::string_view octets);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The octets themselves. The name is long so that a search finds every use.
  absl::string_view DangerouslyExpose() const {
    return absl::string_view(data_.get(), size_);
  }

  bool ConstantTimeEquals(const SecretBytes& other) const;

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
};

// The first line of a secret's file, without its newline; at most 4 KiB.
// FAILED_PRECONDITION where others than the owner may read the file (mode bits
// 077), INVALID_ARGUMENT where it is empty, NOT_FOUND where it is not there.
absl::StatusOr<SecretBytes> ReadSecretFile(const std::string& path);

// All of the file under the same rules: a private key's PEM.
absl::StatusOr<SecretBytes> ReadSecretText(const std::string& path);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_SECRET_BYTES_H_
