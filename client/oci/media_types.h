// Media types of manifests (OCI Image Specification 1.1, media-types.md; Docker
// Image Manifest Version 2 Schema 2) and the empty config. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_MEDIA_TYPES_H_
#define COUNTERSIGN_CLIENT_OCI_MEDIA_TYPES_H_

#include "absl/strings/string_view.h"

namespace countersign::client {

inline constexpr absl::string_view kOciManifestType =
    "application/vnd.oci.image.manifest.v1+json";
inline constexpr absl::string_view kOciIndexType =
    "application/vnd.oci.image.index.v1+json";
inline constexpr absl::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr absl::string_view kDockerIndexType =
    "application/vnd.docker.distribution.manifest.list.v2+json";

// manifest.md "Guidance for an Empty Descriptor".
inline constexpr absl::string_view kOciEmptyType =
    "application/vnd.oci.empty.v1+json";
inline constexpr absl::string_view kOciEmptyBytes = "{}";
inline constexpr absl::string_view kOciEmptyDigest =
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

// An image index or Docker's list of manifests.
inline bool IsIndexType(absl::string_view media_type) {
  return media_type == kOciIndexType || media_type == kDockerIndexType;
}
inline bool IsManifestType(absl::string_view media_type) {
  return media_type == kOciManifestType || media_type == kDockerManifestType;
}

// "type/subtype" in the characters of RFC 6838 4.2, without parameters: fit for
// a header line.
bool IsMediaType(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_MEDIA_TYPES_H_
