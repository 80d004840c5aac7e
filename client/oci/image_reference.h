// The name of something in an OCI registry:
// HOST[:PORT]/REPOSITORY[:TAG][@DIGEST] (OCI Distribution Specification 1.1,
// "Definitions" and "Pulling manifests"). Called by the CLI, the component
// repositories and the registry client. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_IMAGE_REFERENCE_H_
#define COUNTERSIGN_CLIENT_OCI_IMAGE_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct ImageReference {
  std::string scheme;      // "http" or "https" where it was written, else empty
  std::string host;        // with ":PORT" where there is one; never empty
  std::string repository;  // "library/x"; never empty
  std::string tag;         // may be empty
  std::string digest;      // "sha256:<64 hex>"; may be empty

  // HOST/REPOSITORY, as simple signing's docker-reference spells it.
  std::string Name() const;
  // With the digest where there is one, else with the tag; never the scheme.
  std::string Format() const;
};

// As Docker reads it: "x" is index.docker.io/library/x; the first part is a
// host where it holds "." or ":" or is "localhost". "http://" or "https://" may
// stand before it. Neither tag nor digest is added. INVALID_ARGUMENT
// (REFERENCE_INVALID) says what is wrong and shows a right one.
absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text);

// True for what may stand as a tag: never for a path or a digest.
bool IsOciTag(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_IMAGE_REFERENCE_H_
