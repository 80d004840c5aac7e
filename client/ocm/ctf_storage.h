// Port: the files of a CTF (common transport format), whatever they are in:
// ctf_directory.h and ctf_archive.h. Not what they mean: ctf_components.h,
// which calls it. Every method blocks on the disk.
#ifndef COUNTERSIGN_CLIENT_OCM_CTF_STORAGE_H_
#define COUNTERSIGN_CLIENT_OCM_CTF_STORAGE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/registry.h"

namespace countersign::client {

inline constexpr char kArtifactIndexName[] = "artifact-index.json";

// "blobs/sha256.<hex>" for "sha256:<hex>"; `digest` is one (IsOciDigest).
std::string CtfBlobName(absl::string_view digest);

// Thread-compatible. NOT_FOUND (REPOSITORY_UNKNOWN), PERMISSION_DENIED,
// INVALID_ARGUMENT (NOT_A_CTF) and what is said at each method; all name the
// path.
class CtfStorage {
 public:
  virtual ~CtfStorage() = default;

  virtual std::string Name() const = 0;  // the path

  // Looks again where somebody else may have put another archive.
  virtual absl::Status Refresh() = 0;

  // artifact-index.json.
  virtual absl::StatusOr<std::string> ReadIndex() = 0;

  // `digest` is one (IsOciDigest), and was right when this is OK. NOT_FOUND
  // (BLOB_UNKNOWN), DATA_LOSS (DIGEST_MISMATCH).
  virtual absl::Status ReadBlob(const std::string& digest,
                                const BlobSink& sink) = 0;
  // Whole; INVALID_ARGUMENT (BLOB_TOO_LARGE).
  absl::StatusOr<std::string> GetBlob(const std::string& digest,
                                      size_t max_bytes);

  // Adds the blobs, then sets the index; who reads meanwhile sees the old one
  // or the new one, and a crash leaves one of them. ABORTED (CTF_CHANGED) and
  // nothing set where the index is not `old_index` any more.
  virtual absl::Status Replace(const std::string& old_index,
                               const std::string& new_index,
                               const std::vector<std::string>& blobs) = 0;

 protected:
  // Errors that both kinds give.
  absl::Status FileFailed(absl::string_view call, int error) const;
  absl::Status BlobMissing(const std::string& digest) const;
  absl::Status NotACtf(absl::string_view why) const;
  absl::Status Changed() const;
};

// Passes the octets on and tells at the end whether they had the digest:
// DATA_LOSS (DIGEST_MISMATCH) names `where`. A storage wraps each blob in it.
absl::Status CheckedBlob(
    absl::string_view where, const std::string& digest, const BlobSink& sink,
    const std::function<absl::Status(const BlobSink&)>& read);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_CTF_STORAGE_H_
