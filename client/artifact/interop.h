// What a signer should know before signing a component descriptor that both
// OCM tools are to verify, now and after a transfer. Warnings only: nothing is
// refused here. Called by the CLI before it asks for a signature. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_INTEROP_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_INTEROP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/signature_verifier.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/normalisation.h"

namespace countersign::client {

struct InteropReport {
  // The bytes of jsonNormalisation/v3 and /v4alpha1 are the same, so that one
  // signature named v3 is good for both tools.
  bool same_bytes = false;
  std::vector<std::string> warnings;  // one sentence each
};

struct PlannedSignature {
  NormalisationAlgorithm normalisation = NormalisationAlgorithm::kJsonV3;
  base::SignatureScheme scheme = base::SignatureScheme::kRsaPkcs1;
  bool pem = false;
};

// Errors as Normalise.
absl::StatusOr<InteropReport> CheckInterop(
    const ComponentDescriptor& descriptor, const PlannedSignature& planned);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_INTEROP_H_
