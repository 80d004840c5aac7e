// Descriptors and indexes as JSON (OCI Image Specification 1.1). What a
// manifest holds beside them stays as base::Json, so that nothing is lost when
// it is written back. Called by everything in this room and by image signing.
// Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_OCI_JSON_H_
#define COUNTERSIGN_CLIENT_OCI_OCI_JSON_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/oci/registry.h"

namespace countersign::client {

// A manifest or an index: an object of at most kMaxManifestBytes.
// INVALID_ARGUMENT without a reason: the caller knows whose bytes they are.
absl::StatusOr<base::Json> ParseManifestJson(absl::string_view bytes);

// mediaType, digest and size must be there and be possible (INVALID_ARGUMENT
// names the field); other members are not looked at.
absl::StatusOr<OciDescriptor> ParseOciDescriptor(const base::Json& value);
// artifactType and annotations only where there are some.
base::Json OciDescriptorJson(const OciDescriptor& descriptor);

// The descriptors in "manifests" of an index.
absl::StatusOr<std::vector<OciDescriptor>> ParseIndex(absl::string_view bytes);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_OCI_JSON_H_
