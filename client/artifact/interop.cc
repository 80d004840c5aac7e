#include "client/artifact/interop.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using base::Json;

bool HasNullMember(const Json& value) {
  if (value.is_array()) {
    for (const Json& item : value.array()) {
      if (HasNullMember(item)) return true;
    }
  } else if (value.is_object()) {
    for (const Json::Member& member : value.object()) {
      if (member.second.is_null() || HasNullMember(member.second)) return true;
    }
  }
  return false;
}

struct LabelTraits {
  bool null_values = false;
  bool versions = false;  // or merge rules
};

void Look(const std::vector<Label>& labels, bool all, LabelTraits* traits) {
  for (const Label& label : labels) {
    if (!label.signing && !all) continue;
    const Json value = label.value.value_or(Json());
    if (value.is_null() || HasNullMember(value)) traits->null_values = true;
    if (!label.version.empty() || (all && label.has_merge)) {
      traits->versions = true;
    }
  }
}

// Why v3 and v4alpha1 differ, as far as is known.
std::vector<std::string> Causes(const DescriptorModel& model) {
  LabelTraits traits;
  bool reference_without_digest = false;
  Look(model.labels, false, &traits);
  Look(model.provider_labels, false, &traits);
  for (const Resource& r : model.resources) Look(r.meta.labels, false, &traits);
  for (const Source& s : model.sources) Look(s.meta.labels, false, &traits);
  for (const Reference& r : model.references) {
    Look(r.meta.labels, true, &traits);
    if (!r.digest.has_value()) reference_without_digest = true;
  }
  std::vector<std::string> causes;
  if (traits.null_values) causes.push_back("a null in a signed label value");
  if (traits.versions) causes.push_back("a label with version or merge");
  if (reference_without_digest) causes.push_back("a reference without digest");
  if (!model.creation_time.empty()) {
    causes.push_back("a creationTime that is not UTC in whole seconds");
  }
  if (causes.empty()) causes.push_back("an unknown cause");
  return causes;
}

bool IsOciAccess(absl::string_view type) {
  return absl::StartsWith(type, "ociArtifact") ||
         absl::StartsWith(type, "ociRegistry") ||
         absl::StartsWith(type, "OCIImage") ||
         absl::StartsWith(type, "ociImage");
}

void WarnAboutContent(const DescriptorModel& model,
                      std::vector<std::string>* warnings) {
  for (const Resource& resource : model.resources) {
    const bool none =
        resource.access_type == "none" || resource.access_type == "None";
    if (!resource.digest.has_value() && !none) {
      warnings->push_back(absl::StrCat(
          "resource ", Quoted(resource.meta.name),
          " has no digest: the signature does not cover its content"));
    } else if (resource.digest.has_value() &&
               IsOciAccess(resource.access_type) &&
               absl::StartsWith(resource.digest->normalisation_algorithm,
                                "genericBlobDigest")) {
      warnings->push_back(absl::StrCat(
          "resource ", Quoted(resource.meta.name),
          " is an OCI artifact with a genericBlobDigest/v1 digest: the OCM CLI "
          "v0 computes ociArtifactDigest/v1 and will not verify"));
    }
  }
  for (const Reference& reference : model.references) {
    if (reference.digest.has_value()) continue;
    warnings->push_back(absl::StrCat(
        "reference ", Quoted(reference.meta.name),
        " has no digest: the signature does not cover what it names"));
  }
}

void WarnAboutPlan(const PlannedSignature& planned,
                   std::vector<std::string>* warnings) {
  if (planned.scheme == base::SignatureScheme::kRsaPss && !planned.pem) {
    warnings->push_back(
        "the classic OCM CLI cannot verify a plain RSASSA-PSS signature; use "
        "PEM or "
        "RSASSA-PKCS1-V1_5");
  }
  if (planned.normalisation != NormalisationAlgorithm::kJsonV3) {
    warnings->push_back(absl::StrCat(
        "only jsonNormalisation/v3 verifies with both OCM CLIs, not ",
        NormalisationName(planned.normalisation)));
  }
}

}  // namespace

absl::StatusOr<InteropReport> CheckInterop(
    const ComponentDescriptor& descriptor, const PlannedSignature& planned) {
  InteropReport report;
  const DescriptorModel& model = descriptor.model();
  const absl::StatusOr<std::string> v4 =
      Normalise(descriptor, NormalisationAlgorithm::kJsonV4Alpha1);
  const absl::StatusOr<std::string> v3 =
      Normalise(descriptor, NormalisationAlgorithm::kJsonV3);
  const bool plans_v4 =
      planned.normalisation == NormalisationAlgorithm::kJsonV4Alpha1;
  if (!(plans_v4 ? v4 : v3).ok()) return (plans_v4 ? v4 : v3).status();
  if (!v3.ok() || !v4.ok()) {
    report.warnings.push_back(
        std::string((v3.ok() ? v4 : v3).status().message()));
  } else if (*v3 == *v4) {
    report.same_bytes = true;
  } else {
    report.warnings.push_back(absl::StrCat(
        "jsonNormalisation/v3 and /v4alpha1 give different bytes (",
        absl::StrJoin(Causes(model), ", "),
        "): only one of the two OCM CLIs will verify the signature"));
  }
  WarnAboutPlan(planned, &report.warnings);
  if (!model.creation_time.empty()) {
    report.warnings.push_back(
        "creationTime is signed, but the new OCM CLI drops it on transfer and "
        "the signature with it");
  }
  WarnAboutContent(model, &report.warnings);
  return report;
}

}  // namespace countersign::client
