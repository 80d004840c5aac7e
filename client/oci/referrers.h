// What refers to a manifest: signatures, attestations (OCI Distribution
// Specification 1.1, "Listing Referrers" and "Pushing Manifests with Subject").
// Where the registry keeps no list, an index under a fallback tag is the list.
// Called by image signing and verification.
#ifndef COUNTERSIGN_CLIENT_OCI_REFERRERS_H_
#define COUNTERSIGN_CLIENT_OCI_REFERRERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"

namespace countersign::client {

// "sha256-<hex>": the fallback tag of a digest.
std::string ReferrersTag(absl::string_view digest);

// From the registry's list, else from the fallback tag; empty where there is
// neither. Entries may lack artifact type and annotations even where the
// manifests have some. Blocks; errors of `repository`.
absl::StatusOr<std::vector<OciDescriptor>> ReadReferrers(
    OciRepository& repository, const std::string& digest);

// Pushes `manifest`, an image manifest with a subject, by digest, whose blobs
// must be there, and sees to it that ReadReferrers finds it: in a fallback
// index all other entries and members stay. Gives its digest. Doing it twice is
// the same as once. Blocks. INVALID_ARGUMENT (NO_SUBJECT); ABORTED
// (REGISTRY_CONTENDED); errors of `repository`.
absl::StatusOr<std::string> AttachReferrer(OciRepository& repository,
                                           const std::string& manifest,
                                           const RetryPause& pause);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REFERRERS_H_
