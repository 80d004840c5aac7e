#include "client/ocm/tree_digest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_signature.h"

namespace countersign::client {
namespace {

using Element = DigestFill::Element;
using Basis = DigestMode::Basis;

// "SHA-256", or "sha256".
std::string Spelled(absl::string_view hash, bool older) {
  const auto parsed = ParseHashAlgorithm(hash);
  if (!parsed.ok()) return std::string(hash);  // NO-DIGEST
  const std::string name = HashName(*parsed);
  if (!older) return name;
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{"-", ""}}));
}

// The new OCM CLI writes {"", "", ""} where there is none.
bool IsThere(const std::optional<DigestSpec>& digest) {
  return digest.has_value() && !(*digest == DigestSpec());
}

}  // namespace

absl::StatusOr<DigestMode> ModeOf(const DigestSpec& digest) {
  DigestMode mode;
  ASSIGN_OR_RETURN(mode.normalisation,
                   ParseNormalisationAlgorithm(digest.normalisation_algorithm));
  ASSIGN_OR_RETURN(mode.hash, ParseHashAlgorithm(digest.hash_algorithm));
  mode.older_spelling = digest.hash_algorithm != HashName(mode.hash);
  return mode;
}

std::vector<HashAlgorithm> HashesFor(const ComponentTree& tree,
                                     HashAlgorithm first) {
  std::vector<HashAlgorithm> hashes = {first};
  const auto add = [&hashes](const DigestSpec& digest) {
    const auto hash = ParseHashAlgorithm(digest.hash_algorithm);
    if (hash.ok() &&
        std::find(hashes.begin(), hashes.end(), *hash) == hashes.end()) {
      hashes.push_back(*hash);
    }
  };
  for (const ComponentVersion& version : tree.versions) {
    const DescriptorModel& model = version.descriptor.model();
    for (const DescriptorSignature& one : model.signatures) add(one.digest);
    for (const Reference& one : model.references) {
      if (IsThere(one.digest)) add(*one.digest);
    }
  }
  return hashes;
}

absl::StatusOr<TreeDigest> TreeDigest::Create(const ComponentTree& tree,
                                              ContentDigester& digester) {
  std::vector<std::vector<ContentFinding>> content(tree.versions.size());
  for (size_t i = 0; i < tree.versions.size(); ++i) {
    const ComponentVersion& version = tree.versions[i];
    for (const Resource& resource : version.descriptor.model().resources) {
      ASSIGN_OR_RETURN(
          ContentFinding finding,
          digester.Find(*version.repository, version.id, resource));
      content[i].push_back(std::move(finding));
    }
  }
  return TreeDigest(tree, std::move(content));
}

bool TreeDigest::IsComplete(size_t version) const {
  const DescriptorModel& model = tree_->versions[version].descriptor.model();
  for (const Resource& resource : model.resources) {
    if (!IsThere(resource.digest) && !IsNoneAccess(resource.access_type)) {
      return false;
    }
  }
  for (const Reference& reference : model.references) {
    if (!IsThere(reference.digest)) return false;
  }
  return true;
}

absl::StatusOr<bool> TreeDigest::Fits(size_t version,
                                      const DigestSpec& stored) {
  ASSIGN_OR_RETURN(DigestMode mode, ModeOf(stored));
  ASSIGN_OR_RETURN(const DigestSpec filled, Digest(version, mode));
  if (filled.value == stored.value) return true;
  if (!IsComplete(version)) return false;
  mode.basis = Basis::kAsStored;
  ASSIGN_OR_RETURN(const DigestSpec as_stored, Digest(version, mode));
  return as_stored.value == stored.value;
}

absl::StatusOr<ReferenceFinding> TreeDigest::CheckReference(size_t version,
                                                            size_t reference) {
  const ComponentVersion& from = tree_->versions[version];
  const std::optional<DigestSpec>& stored =
      from.descriptor.model().references[reference].digest;
  if (!IsThere(stored)) return ReferenceFinding{ReferenceState::kAbsent, ""};
  const size_t to = from.references[reference];
  const absl::StatusOr<bool> fits = Fits(to, *stored);
  if (!fits.ok()) {
    return base::Annotate(fits.status(), tree_->versions[to].id.Format());
  }
  if (*fits) return ReferenceFinding{ReferenceState::kMatches, ""};
  ASSIGN_OR_RETURN(const DigestMode mode, ModeOf(*stored));
  ASSIGN_OR_RETURN(const DigestSpec found, Digest(to, mode));
  return ReferenceFinding{
      ReferenceState::kMismatch,
      absl::StrCat("the version is ", found.hash_algorithm, " ", found.value,
                   ", not what the reference says (", stored->value, ")")};
}

// What stands in the reference in this mode: the stored digest where it is of
// the mode's kind and right, else the one of the mode.
absl::StatusOr<DigestSpec> TreeDigest::ReferenceDigest(size_t version,
                                                       size_t reference,
                                                       const DigestMode& mode) {
  const ComponentVersion& from = tree_->versions[version];
  const size_t to = from.references[reference];
  const std::optional<DigestSpec>& stored =
      from.descriptor.model().references[reference].digest;
  if (IsThere(stored)) {
    const auto kind = ModeOf(*stored);
    if (kind.ok() && kind->normalisation == mode.normalisation &&
        kind->hash == mode.hash) {
      ASSIGN_OR_RETURN(const bool fits, Fits(to, *stored));
      if (fits) {
        return DigestSpec{Spelled(stored->hash_algorithm, mode.older_spelling),
                          stored->normalisation_algorithm, stored->value};
      }
    }
  }
  return Digest(to, mode);
}

absl::StatusOr<std::vector<DigestFill>> TreeDigest::Fills(
    size_t version, const DigestMode& mode) {
  std::vector<DigestFill> fills;
  if (mode.basis == Basis::kAsStored) return fills;
  const DescriptorModel& model = tree_->versions[version].descriptor.model();
  for (size_t i = 0; i < model.resources.size(); ++i) {
    const ContentFinding& finding = content_[version][i];
    if (finding.state == ContentState::kNone) continue;
    DigestSpec digest = *finding.digest;
    for (const DigestSpec& computed : finding.computed) {
      if (computed.hash_algorithm == HashName(mode.hash)) digest = computed;
    }
    digest.hash_algorithm = Spelled(digest.hash_algorithm, mode.older_spelling);
    if (!(model.resources[i].digest == digest)) {
      fills.push_back({Element::kResource, i, std::move(digest)});
    }
  }
  for (size_t i = 0; i < model.references.size(); ++i) {
    ASSIGN_OR_RETURN(DigestSpec digest, ReferenceDigest(version, i, mode));
    if (!(model.references[i].digest == digest)) {
      fills.push_back({Element::kReference, i, std::move(digest)});
    }
  }
  return fills;
}

absl::StatusOr<std::string> TreeDigest::Text(size_t version,
                                             const DigestMode& mode) {
  ASSIGN_OR_RETURN(const std::vector<DigestFill> fills, Fills(version, mode));
  return FillDigests(tree_->versions[version].text, fills);
}

absl::StatusOr<DigestSpec> TreeDigest::Digest(size_t version,
                                              const DigestMode& mode) {
  const auto key = std::make_pair(version, mode.Key());
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  // Those below come first, in their order, so that a long chain does not
  // recurse as deep as it is long. What fails there is asked for again, or not.
  if (mode.basis == Basis::kFilled && !in_order_) {
    in_order_ = true;
    for (size_t i = 0; i < version; ++i) Digest(i, mode).status().IgnoreError();
    in_order_ = false;
  }
  const ComponentVersion& from = tree_->versions[version];
  ASSIGN_OR_RETURN(const std::vector<DigestFill> fills, Fills(version, mode));
  std::optional<ComponentDescriptor> filled;
  if (!fills.empty()) {
    ASSIGN_OR_RETURN(const std::string text, FillDigests(from.text, fills));
    ASSIGN_OR_RETURN(filled, ComponentDescriptor::Parse(text));
  }
  const absl::StatusOr<DescriptorDigest> digest =
      DigestOfDescriptor(filled.has_value() ? *filled : from.descriptor,
                         mode.normalisation, mode.hash);
  if (!digest.ok()) return base::Annotate(digest.status(), from.id.Format());
  DigestSpec spec = digest->spec;
  spec.hash_algorithm = Spelled(spec.hash_algorithm, mode.older_spelling);
  known_.emplace(key, spec);
  return spec;
}

}  // namespace countersign::client
