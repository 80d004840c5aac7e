#include "client/ocm/local_blob.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/repository_error.h"

namespace countersign::client {
namespace {

// A terabyte in chunks of 100 MiB. One blob named often is a cheap way to make
// somebody read for days.
constexpr size_t kMaxParts = 10000;

const OciDescriptor* Among(const std::vector<OciDescriptor>& descriptors,
                           const std::string& digest) {
  const auto found = std::find_if(
      descriptors.begin(), descriptors.end(),
      [&](const OciDescriptor& part) { return part.digest == digest; });
  return found == descriptors.end() ? nullptr : &*found;
}

}  // namespace

absl::Status ReadLocalBlobParts(
    const std::string& repository, const ComponentId& id,
    const std::string& local_reference, const StoredComponent& stored,
    const BlobSink& sink,
    const std::function<absl::Status(const LocalBlobPart& part,
                                     const BlobSink& sink)>& read) {
  const std::vector<std::string> digests = absl::StrSplit(local_reference, ',');
  if (digests.size() > kMaxParts) {
    return UnknownBlob(repository, id, local_reference);
  }
  for (const std::string& digest : digests) {
    if (!IsOciDigest(digest)) return UnknownBlob(repository, id, digest);
    LocalBlobPart part{digest, false};
    const OciDescriptor* said = Among(stored.layers, digest);
    if (said == nullptr) {
      said = Among(stored.other_manifests, digest);
      part.is_manifest = said != nullptr;
    }
    uint64_t size = 0;
    const absl::Status status = read(part, [&](absl::string_view piece) {
      size += piece.size();
      return sink(piece);
    });
    if (base::GetReason(status) == "BLOB_UNKNOWN") {
      return UnknownBlob(repository, id, digest);
    }
    RETURN_IF_ERROR(status);
    if (said == nullptr || said->size == size) continue;
    return ArtifactError(
        absl::StatusCode::kDataLoss, "SIZE_MISMATCH",
        absl::StrCat(repository, ": ", digest, " has ", size, " octets, and ",
                     said->size, " were said"));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
