// What is signed when component versions are signed: the roots of a tree, or
// all of it, each with its digests filled in, and what is written back once the
// signatures are there. Asks nobody and writes nothing. Called by the command
// `sign component-version`.
#ifndef COUNTERSIGN_CLIENT_OCM_SIGN_PLAN_H_
#define COUNTERSIGN_CLIENT_OCM_SIGN_PLAN_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/signature_verifier.h"
#include "client/artifact/descriptor_signature.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/tree_digest.h"

namespace countersign::client {

struct SignPlanOptions {
  std::string signature;  // name
  NormalisationAlgorithm normalisation = NormalisationAlgorithm::kJsonV3;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  base::SignatureScheme scheme = base::SignatureScheme::kRsaPkcs1;
  bool pem = false;
  bool recursive = false;  // every version, not only the roots
  bool force = false;      // replace a signature of that name
};

struct PlannedVersion {
  size_t version = 0;  // in the tree
  ComponentId id;
  std::string text;         // with all digests
  DescriptorDigest digest;  // of `text`
};

struct SignPlan {
  std::vector<PlannedVersion> versions;  // who is referred to comes first
  // For people, one sentence each, each once.
  std::vector<std::string> warnings;
};

// What can be refused before any content is read: SIGNATURE_NAME_INVALID,
// SIGNATURE_EXISTS.
absl::Status CheckSignatureNames(const ComponentTree& tree,
                                 absl::string_view signature, bool recursive,
                                 bool force);

// FAILED_PRECONDITION: SIGNATURE_EXISTS with the component's name;
// INVALID_ARGUMENT: DIGEST_MISMATCH (a stored digest is not that of the
// content), SIGNATURE_NAME_INVALID, and the reasons of Normalise.
absl::StatusOr<SignPlan> PlanSigning(TreeDigest& digests,
                                     const SignPlanOptions& options);

// What is written: one signature for each planned version, in their order.
// Grouped by repository, each of which writes its own all at once; the
// repository of the roots comes last.
struct RepositoryUpdates {
  ComponentRepository* repository;
  std::vector<DescriptorUpdate> updates;
};
absl::StatusOr<std::vector<RepositoryUpdates>> UpdatesFor(
    const ComponentTree& tree, const SignPlan& plan,
    const std::vector<DescriptorSignature>& signatures, bool force);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_SIGN_PLAN_H_
