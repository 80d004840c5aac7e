// What exactly is to be signed: a reference made into digests. An index may
// bring the images that it lists. Called by `sign image`, `verify image` and
// the attestation commands. Blocks on the registry.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_TARGET_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry.h"

namespace countersign::client {

struct ImageTarget {
  OciDescriptor descriptor;  // media type, digest, size
  std::string platform;      // "linux/arm64" of an index's entry; else empty
};

// The one that `reference` names: by its digest, or by what its tag names now.
// NOT_FOUND and the registry's errors; INVALID_ARGUMENT (DIGEST_UNSUPPORTED)
// for sha512, which no verifier looks for, (REFERENCE_INVALID) without tag and
// digest.
absl::StatusOr<ImageTarget> ResolveImage(OciRepository& repository,
                                         const ImageReference& reference);

// INVALID_ARGUMENT (TAG_REFUSED): a tag may name another image tomorrow. Shows
// the reference that names what it names now.
absl::Status TagRefused(const ImageReference& reference,
                        const ImageTarget& target);

// `target` and, where it is an index, all that it lists, each once and in its
// order. INVALID_ARGUMENT (INDEX_TOO_LARGE): deeper than 4 or more than 500.
absl::StatusOr<std::vector<ImageTarget>> WithListedImages(
    OciRepository& repository, const ImageTarget& target);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_IMAGE_TARGET_H_
