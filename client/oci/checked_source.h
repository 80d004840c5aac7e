// A blob's source on its way into a registry: counts and hashes, and lets the
// last octets go only when digest and size are right, so that no registry gets
// the whole of a wrong blob. Called by http_registry.h.
#ifndef COUNTERSIGN_CLIENT_OCI_CHECKED_SOURCE_H_
#define COUNTERSIGN_CLIENT_OCI_CHECKED_SOURCE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry.h"

namespace countersign::client {

// Thread-compatible.
class CheckedSource {
 public:
  // `source` outlives it; `digest` must be one (IsOciDigest).
  CheckedSource(std::string where, std::string digest, uint64_t size,
                const BlobSource& source);

  // As BlobSource; empty only after `size` octets. DATA_LOSS (DIGEST_MISMATCH).
  absl::StatusOr<std::string> Next(size_t room);
  // For a blob of no octets, which nobody asks Next for.
  absl::Status CheckEnd();
  uint64_t done() const { return done_; }

 private:
  const std::string where_;
  const std::string digest_;
  const uint64_t size_;
  const BlobSource& source_;
  DigestStream hash_;
  uint64_t done_ = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_CHECKED_SOURCE_H_
