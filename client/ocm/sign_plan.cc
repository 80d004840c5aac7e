#include "client/ocm/sign_plan.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_writer.h"
#include "client/artifact/interop.h"

namespace countersign::client {
namespace {

absl::Status Mismatch(const ComponentVersion& version, absl::string_view kind,
                      absl::string_view name, absl::string_view note) {
  return BadInput(
      "DIGEST_MISMATCH",
      absl::StrCat(version.id.Format(), ", ", kind, " ", Quoted(name), ": ",
                   note, ". Nothing was signed"));
}

// Nothing that is signed, or referred to, may be other than it says.
absl::Status CheckStored(TreeDigest& digests) {
  for (size_t v = 0; v < digests.tree().versions.size(); ++v) {
    const ComponentVersion& version = digests.tree().versions[v];
    const DescriptorModel& model = version.descriptor.model();
    for (size_t i = 0; i < model.resources.size(); ++i) {
      const ContentFinding& finding = digests.Content(v)[i];
      if (finding.state != ContentState::kMismatch) continue;
      return Mismatch(version, "resource", model.resources[i].meta.name,
                      finding.note);
    }
    for (size_t i = 0; i < model.references.size(); ++i) {
      ASSIGN_OR_RETURN(const ReferenceFinding finding,
                       digests.CheckReference(v, i));
      if (finding.state != ReferenceState::kMismatch) continue;
      return Mismatch(version, "reference", model.references[i].meta.name,
                      finding.note);
    }
  }
  return absl::OkStatus();
}

void WarnOfContent(const TreeDigest& digests, std::set<std::string>& seen,
                   std::vector<std::string>& warnings) {
  for (size_t v = 0; v < digests.tree().versions.size(); ++v) {
    const ComponentVersion& version = digests.tree().versions[v];
    const DescriptorModel& model = version.descriptor.model();
    for (size_t i = 0; i < model.resources.size(); ++i) {
      const std::string& note = digests.Content(v)[i].note;
      if (note.empty()) continue;
      std::string text =
          absl::StrCat(version.id.Format(), ", resource ",
                       Quoted(model.resources[i].meta.name), ": ", note);
      if (seen.insert(text).second) warnings.push_back(std::move(text));
    }
  }
}

// Signatures that were good for the descriptor as it stands and are not for the
// one with its digests filled in.
absl::Status WarnOfOthers(const ComponentVersion& before,
                          const ComponentDescriptor& after,
                          absl::string_view replaced,
                          std::vector<std::string>& warnings) {
  for (const DescriptorSignature& other : after.signatures()) {
    if (other.name == replaced) continue;
    const auto mode = ModeOf(other.digest);
    if (!mode.ok()) continue;
    const auto was =
        DigestOfDescriptor(before.descriptor, mode->normalisation, mode->hash);
    const auto is = DigestOfDescriptor(after, mode->normalisation, mode->hash);
    if (!was.ok() || !is.ok() || was->spec.value != other.digest.value ||
        is->spec.value == other.digest.value) {
      continue;
    }
    warnings.push_back(absl::StrCat(
        before.id.Format(), ": signature ", Quoted(other.name),
        " was made without the digests that are filled in now; the new OCM CLI "
        "will not verify it any more"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PlannedVersion> PlanOne(TreeDigest& digests, size_t v,
                                       const SignPlanOptions& options,
                                       std::set<std::string>& seen,
                                       std::vector<std::string>& warnings) {
  const ComponentVersion& version = digests.tree().versions[v];
  PlannedVersion planned;
  planned.version = v;
  planned.id = version.id;
  DigestMode mode;
  mode.normalisation = options.normalisation;
  mode.hash = options.hash;
  ASSIGN_OR_RETURN(planned.text, digests.Text(v, mode));
  ASSIGN_OR_RETURN(const ComponentDescriptor descriptor,
                   ComponentDescriptor::Parse(planned.text));
  PlannedSignature signature;
  signature.normalisation = options.normalisation;
  signature.scheme = options.scheme;
  signature.pem = options.pem;
  ASSIGN_OR_RETURN(const InteropReport report,
                   CheckInterop(descriptor, signature));
  ASSIGN_OR_RETURN(
      planned.digest,
      DigestOfDescriptor(descriptor, options.normalisation, options.hash));
  for (const std::string& warning : report.warnings) {
    if (seen.insert(warning).second) warnings.push_back(warning);
  }
  RETURN_IF_ERROR(
      WarnOfOthers(version, descriptor, options.signature, warnings));
  return planned;
}

// The versions that are signed, in the order of the tree.
std::vector<size_t> Chosen(const ComponentTree& tree, bool recursive) {
  std::set<size_t> chosen(tree.roots.begin(), tree.roots.end());
  for (size_t v = 0; recursive && v < tree.versions.size(); ++v) {
    chosen.insert(v);
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace

absl::Status CheckSignatureNames(const ComponentTree& tree,
                                 absl::string_view signature, bool recursive,
                                 bool force) {
  for (const size_t v : Chosen(tree, recursive)) {
    const ComponentVersion& version = tree.versions[v];
    const absl::Status status =
        CheckSignatureName(version.descriptor, signature, force);
    if (status.ok()) continue;
    return base::Annotate(
        base::GetReason(status) == "SIGNATURE_EXISTS"
            ? ArtifactError(status.code(), "SIGNATURE_EXISTS",
                            absl::StrCat(status.message(),
                                         ", --signature NAME adds another"))
            : status,
        version.id.Format());
  }
  return absl::OkStatus();
}

absl::StatusOr<SignPlan> PlanSigning(TreeDigest& digests,
                                     const SignPlanOptions& options) {
  const ComponentTree& tree = digests.tree();
  SignPlan plan;
  RETURN_IF_ERROR(CheckSignatureNames(tree, options.signature,
                                      options.recursive, options.force));
  RETURN_IF_ERROR(CheckStored(digests));
  std::set<std::string> seen;
  WarnOfContent(digests, seen, plan.warnings);
  for (const size_t v : Chosen(tree, options.recursive)) {
    auto planned = PlanOne(digests, v, options, seen, plan.warnings);
    if (!planned.ok()) {
      return base::Annotate(planned.status(), tree.versions[v].id.Format());
    }
    plan.versions.push_back(*std::move(planned));
  }
  return plan;
}

absl::StatusOr<std::vector<RepositoryUpdates>> UpdatesFor(
    const ComponentTree& tree, const SignPlan& plan,
    const std::vector<DescriptorSignature>& signatures, bool force) {
  std::vector<RepositoryUpdates> groups;
  for (size_t i = 0; i < plan.versions.size(); ++i) {
    const PlannedVersion& planned = plan.versions[i];
    const ComponentVersion& version = tree.versions[planned.version];
    DescriptorUpdate update;
    update.id = version.id;
    update.old_text = version.text;
    ASSIGN_OR_RETURN(update.new_text,
                     AddSignature(planned.text, signatures[i], force));
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&version](const RepositoryUpdates& one) {
                                return one.repository == version.repository;
                              });
    if (group == groups.end()) {
      groups.push_back({version.repository, {}});
      group = groups.end() - 1;
    }
    group->updates.push_back(std::move(update));
  }
  // Whoever sees the root signed sees the others signed.
  const ComponentRepository* last = tree.versions[tree.roots.back()].repository;
  std::stable_partition(
      groups.begin(), groups.end(),
      [last](const RepositoryUpdates& one) { return one.repository != last; });
  return groups;
}

}  // namespace countersign::client
