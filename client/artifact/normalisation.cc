#include "client/artifact/normalisation.h"

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/entry_form.h"
#include "client/artifact/normalised_tree.h"

namespace countersign::client {
namespace {

constexpr const char* kNames[] = {
    "jsonNormalisation/v1",
    "jsonNormalisation/v2",
    "jsonNormalisation/v3",
    "jsonNormalisation/v4alpha1",
};

}  // namespace

const char* NormalisationName(NormalisationAlgorithm algorithm) {
  return kNames[static_cast<size_t>(algorithm)];
}

absl::StatusOr<NormalisationAlgorithm> ParseNormalisationAlgorithm(
    absl::string_view name) {
  for (size_t i = 0; i < 4; ++i) {
    if (name == kNames[i] ||
        absl::StrCat("jsonNormalisation/", name) == kNames[i]) {
      return static_cast<NormalisationAlgorithm>(i);
    }
  }
  return BadInput(
      "NORMALISATION_UNKNOWN",
      absl::StrCat("normalisation ", Quoted(name),
                   " is not one of jsonNormalisation/v1, /v2, /v3, /v4alpha1"));
}

absl::StatusOr<std::string> Normalise(const ComponentDescriptor& descriptor,
                                      NormalisationAlgorithm algorithm) {
  const DescriptorModel& model = descriptor.model();
  if (algorithm == NormalisationAlgorithm::kJsonV4Alpha1) {
    RETURN_IF_ERROR(descriptor.NewToolCheck());
    ASSIGN_OR_RETURN(const base::Json tree, TreeV4Alpha1(model));
    return base::CanonicalJson(tree);
  }
  RETURN_IF_ERROR(descriptor.StrictCheck());
  if (algorithm == NormalisationAlgorithm::kJsonV1) {
    ASSIGN_OR_RETURN(const base::Json tree,
                     TreeV1(WithLegacyIdentities(model)));
    return EntryForm(tree);
  }
  ASSIGN_OR_RETURN(const base::Json tree,
                   algorithm == NormalisationAlgorithm::kJsonV2
                       ? TreeV3(WithLegacyIdentities(model))
                       : TreeV3(model));
  return base::CanonicalJson(tree);
}

absl::StatusOr<std::string> Normalise(const ComponentDescriptor& descriptor,
                                      absl::string_view algorithm) {
  ASSIGN_OR_RETURN(const NormalisationAlgorithm parsed,
                   ParseNormalisationAlgorithm(algorithm));
  return Normalise(descriptor, parsed);
}

}  // namespace countersign::client
