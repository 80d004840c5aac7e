// Puts a finished signature where verifiers look for it: a layer below the
// ".sig" tag, or a bundle as referrer. Running it twice leaves one. Called by
// the image and attestation commands. Blocks on the registry.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_PUSH_SIGNATURES_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_PUSH_SIGNATURES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"
#include "client/sigstore/signature_manifest.h"

namespace countersign::client {

enum class Pushed { kAdded, kWasThere };

// Appends `layer`, which describes `payload`, and looks again afterwards: the
// registry has no compare-and-swap. ABORTED (REGISTRY_CONTENDED) where others
// kept replacing the tag; errors are the registry's and SignatureManifest's.
absl::StatusOr<Pushed> PushSimpleSignature(OciRepository& repository,
                                           const std::string& image_digest,
                                           const SignatureLayer& layer,
                                           const std::string& payload,
                                           const RetryPause& pause);

struct BundleReferrer {
  OciDescriptor subject;  // what was signed
  std::string bundle;     // JSON
  std::string predicate_type;
  // Part of the manifest, so that the same signature makes the same one again.
  absl::Time created;
};

// As referrer, in the fallback index too where the registry keeps none. The
// result is the digest of the referrer's manifest.
absl::StatusOr<std::string> PushBundle(OciRepository& repository,
                                       const BundleReferrer& referrer,
                                       const RetryPause& pause);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_PUSH_SIGNATURES_H_
