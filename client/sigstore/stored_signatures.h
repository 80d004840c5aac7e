// The signatures that a registry holds for an image: the layers below its
// ".sig" tag, and sigstore bundles among its referrers. Reads, judges nothing.
// Called by the image and attestation commands. Blocks on the registry.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_STORED_SIGNATURES_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_STORED_SIGNATURES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/oci/registry.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/signature_manifest.h"

namespace countersign::client {

struct StoredSignature {
  SignatureLayer layer;
  // Octets of the layer, or why they cannot be had.
  absl::StatusOr<std::string> payload;
};

// Empty where there is no such tag. Errors are the registry's, and
// INVALID_ARGUMENT (SIGNATURE_MANIFEST_UNREADABLE).
absl::StatusOr<std::vector<StoredSignature>> ReadSimpleSignatures(
    OciRepository& repository, const std::string& image_digest);

struct StoredBundle {
  std::string digest;  // of its manifest
  // The octets of the bundle, or why they cannot be had.
  absl::StatusOr<std::string> octets;
};

// Referrers that are bundles, whatever they say; others are left out. Errors
// are the registry's. At most 1000 referrers are looked at
// (INVALID_ARGUMENT TOO_MANY_REFERRERS).
absl::StatusOr<std::vector<StoredBundle>> ReadBundles(
    OciRepository& repository, const std::string& image_digest);

// Whether there is any, without fetching bundles.
absl::StatusOr<bool> HasBundles(OciRepository& repository,
                                const std::string& image_digest);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_STORED_SIGNATURES_H_
