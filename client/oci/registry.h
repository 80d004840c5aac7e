// Port: repositories in OCI registries (OCI Distribution Specification 1.1).
// http_registry.h is the real one, fake_registry.h one in memory; both pass
// registry_contract.h. Called by the component repositories and by image
// signing. Every method blocks.
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/image_reference.h"

namespace countersign::client {

// OCI Image Specification 1.1, descriptor.md.
struct OciDescriptor {
  std::string media_type;
  std::string digest;  // "sha256:<64 hex>" or "sha512:<128 hex>"
  uint64_t size = 0;   // octets
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

struct OciManifest {
  std::string media_type;
  std::string bytes;   // exactly as stored
  std::string digest;  // of the bytes, computed here: "sha256:<64 hex>"
};

// Takes the octets of a blob in order. An error ends the transfer.
using BlobSink = std::function<absl::Status(absl::string_view octets)>;
// Gives up to `room` octets of a blob in order; empty at the end.
using BlobSource = std::function<absl::StatusOr<std::string>(size_t room)>;

constexpr size_t kMaxManifestBytes = 4 << 20;  // as the specification demands

// One repository of one registry. Thread-compatible.
//
// Errors of all methods, each naming registry and repository: NOT_FOUND
// (MANIFEST_UNKNOWN, BLOB_UNKNOWN, REPOSITORY_UNKNOWN), FAILED_PRECONDITION
// (REGISTRY_REFUSED: it does not take what was sent, in its words),
// UNAUTHENTICATED (REGISTRY_LOGIN_NEEDED), PERMISSION_DENIED (REGISTRY_DENIED),
// RESOURCE_EXHAUSTED (REGISTRY_RATE_LIMIT, with what it said of when),
// UNAVAILABLE (REGISTRY_UNREACHABLE), INVALID_ARGUMENT (REGISTRY_ANSWER: what
// it sent breaks the specification), DATA_LOSS (DIGEST_MISMATCH).
class OciRepository {
 public:
  virtual ~OciRepository() = default;

  // By tag or by digest; a digest is compared with the bytes. At most
  // kMaxManifestBytes.
  virtual absl::StatusOr<OciManifest> GetManifest(
      const std::string& tag_or_digest) = 0;

  struct PutResult {
    std::string digest;
    // The registry keeps the referrers of `subject` itself (header
    // OCI-Subject).
    bool keeps_referrers = false;
  };
  virtual absl::StatusOr<PutResult> PutManifest(
      const std::string& tag_or_digest, const std::string& media_type,
      const std::string& bytes) = 0;

  // Its octets through `sink`, which has had all of them when this is OK; the
  // digest was then right. What `sink` saw before an error is worthless.
  virtual absl::Status ReadBlob(const std::string& digest,
                                const BlobSink& sink) = 0;
  // Whole; INVALID_ARGUMENT (BLOB_TOO_LARGE) above `max_bytes`.
  virtual absl::StatusOr<std::string> GetBlob(const std::string& digest,
                                              size_t max_bytes) = 0;
  virtual absl::StatusOr<bool> HasBlob(const std::string& digest) = 0;
  // Does nothing where it is there already: `source` is then not asked. An
  // error of `source` ends it.
  virtual absl::Status PutBlob(const std::string& digest, uint64_t size,
                               const BlobSource& source) = 0;
  absl::Status PutBlob(const std::string& digest, absl::string_view octets);

  // The registry's own list (GET .../referrers/DIGEST), all pages.
  // UNIMPLEMENTED where it has none: then referrers.h reads the fallback tag.
  virtual absl::StatusOr<std::vector<OciDescriptor>> ListReferrers(
      const std::string& digest) = 0;
};

class OciRegistries {
 public:
  virtual ~OciRegistries() = default;
  // The repository of `reference`; tag and digest are not looked at. Reaches
  // nobody yet. INVALID_ARGUMENT (PLAIN_HTTP_REFUSED) for http:// to another
  // machine unless that was allowed.
  virtual absl::StatusOr<std::unique_ptr<OciRepository>> Open(
      const ImageReference& reference) = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_H_
