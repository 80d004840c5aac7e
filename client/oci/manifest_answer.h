// A registry's answer to GET .../manifests/...: whether the bytes are what was
// asked for, and of which type. Called by http_registry.h. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_MANIFEST_ANSWER_H_
#define COUNTERSIGN_CLIENT_OCI_MANIFEST_ANSWER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/oci/http_connection.h"
#include "client/oci/registry.h"

namespace countersign::client {

// A Content-Type without its parameters, in lower case.
std::string MediaTypeOf(absl::string_view content_type);

// The digest in `tag_or_digest`, or the one that the registry says, must be
// that of the bytes. The type is the header's; "mediaType" in the manifest must
// be the same where it is there (manifest.md), and stands in for a header that
// says nothing of it.
absl::StatusOr<OciManifest> ReadManifestAnswer(const std::string& where,
                                               const std::string& tag_or_digest,
                                               const HttpResponse& response);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_MANIFEST_ANSWER_H_
