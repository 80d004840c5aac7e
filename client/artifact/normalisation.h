// The bytes of a component descriptor that are hashed and signed, by the four
// rules that the OCM tools know. v1, v2 and v3 are those of the OCM CLI "v1",
// v4alpha1 is that of the new one. Called by descriptor_signature, interop,
// verify_descriptor and the CLI. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_NORMALISATION_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_NORMALISATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/artifact/component_descriptor.h"

namespace countersign::client {

enum class NormalisationAlgorithm { kJsonV1, kJsonV2, kJsonV3, kJsonV4Alpha1 };

// "jsonNormalisation/v3", or short "v3". INVALID_ARGUMENT
// (NORMALISATION_UNKNOWN) for anything else.
absl::StatusOr<NormalisationAlgorithm> ParseNormalisationAlgorithm(
    absl::string_view name);

// "jsonNormalisation/v3".
const char* NormalisationName(NormalisationAlgorithm algorithm);

// The exact bytes, without a newline. v1, v2 and v3 refuse what the strict
// schema refuses (DESCRIPTOR_SCHEMA), since their tool would never hash it;
// v4alpha1 takes that, and refuses what the new tool does.
absl::StatusOr<std::string> Normalise(const ComponentDescriptor& descriptor,
                                      NormalisationAlgorithm algorithm);
// The same by name.
absl::StatusOr<std::string> Normalise(const ComponentDescriptor& descriptor,
                                      absl::string_view algorithm);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_NORMALISATION_H_
