// Which artifact an OCM artifact set is about: an OCI or Docker image (or
// index) in a tar, maybe gzipped, with index.json beside an oci-layout, or with
// artifact-descriptor.json. It comes in pieces and nothing is kept of it but
// that file. Every blob in it must have the digest that its name says. Called
// by content_digest. Thread-compatible.
#ifndef COUNTERSIGN_CLIENT_OCM_ARTIFACT_SET_H_
#define COUNTERSIGN_CLIENT_OCM_ARTIFACT_SET_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "client/ocm/gunzip_stream.h"
#include "client/ocm/tar_stream.h"

namespace countersign::client {

// Whether a blob of this media type is such a set: that of an OCI or Docker
// manifest or index, with any of +json, +yaml, +tar, +gzip behind it.
bool IsArtifactMediaType(absl::string_view media_type);

class ArtifactSet final : private TarVisitor {
 public:
  static constexpr size_t kMaxIndexBytes = 4 << 20;

  ArtifactSet();

  // INVALID_ARGUMENT: ARTIFACT_SET_UNREADABLE, DIGEST_MISMATCH (a blob is not
  // what its name says), TAR_UNREADABLE, GZIP_UNREADABLE, GZIP_TOO_LARGE.
  absl::Status Add(absl::string_view octets);
  // The digest of the artifact's manifest, "sha256:<64 hex>": what the index's
  // annotation software.ocm/main names, by digest or by tag, else the only one.
  absl::StatusOr<std::string> Finish();

 private:
  absl::Status Begin(const std::string& name, uint64_t size) override;
  absl::Status Data(absl::string_view octets) override;
  absl::Status End() override;

  TarStream tar_;
  GunzipStream gunzip_;
  bool in_index_ = false;
  std::string index_;  // index.json, or else artifact-descriptor.json
  std::string other_index_;
  bool has_index_ = false;
  std::string blob_;  // the digest that the name of this file says
  std::optional<base::StreamingDigest> hash_;
  std::set<std::string> blobs_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_ARTIFACT_SET_H_
