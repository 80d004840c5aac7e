// Digests of the component versions of a tree, from their content up: each
// resource's content, then each version with the digests of what it refers to.
// Called by sign_plan and verify_tree.
//
// A version's digest depends on how it is asked for: normalisation and hash,
// and what happens to what the descriptor does not say. The classic OCM CLI
// computes the digests of resources and references anew, fills them in, and
// then normalises (kFilled); the new one takes the descriptor as it stands
// (kAsStored), which says something only where the descriptor has all digests.
#ifndef COUNTERSIGN_CLIENT_OCM_TREE_DIGEST_H_
#define COUNTERSIGN_CLIENT_OCM_TREE_DIGEST_H_

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/artifact/descriptor_digests.h"
#include "client/artifact/descriptor_model.h"
#include "client/artifact/hash_algorithm.h"
#include "client/artifact/normalisation.h"
#include "client/ocm/component_tree.h"
#include "client/ocm/content_digest.h"

namespace countersign::client {

struct DigestMode {
  enum class Basis { kFilled, kAsStored };

  NormalisationAlgorithm normalisation = NormalisationAlgorithm::kJsonV3;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  Basis basis = Basis::kFilled;
  // kFilled: hash names as old tools wrote them, "sha256".
  bool older_spelling = false;

  auto Key() const {
    return std::make_tuple(normalisation, hash, basis, older_spelling);
  }
};

// The mode that a digest entry names. INVALID_ARGUMENT (HASH_UNKNOWN,
// NORMALISATION_UNKNOWN).
absl::StatusOr<DigestMode> ModeOf(const DigestSpec& digest);

// The hashes by which content is needed in this tree: `first`, and those that
// its stored references and signatures name.
std::vector<HashAlgorithm> HashesFor(const ComponentTree& tree,
                                     HashAlgorithm first);

enum class ReferenceState {
  kMatches,   // the stored digest is that of the version referred to
  kAbsent,    // none is stored
  kMismatch,  // another is stored
};

struct ReferenceFinding {
  ReferenceState state = ReferenceState::kAbsent;
  std::string note;
};

// Thread-compatible. All digests that were computed are kept.
class TreeDigest {
 public:
  // Reads all content: blocks. `tree` must outlive this. Errors are those of
  // ContentDigester::Find; a mismatch is a finding and no error.
  static absl::StatusOr<TreeDigest> Create(const ComponentTree& tree,
                                           ContentDigester& digester);

  const ComponentTree& tree() const { return *tree_; }
  // Of `version`, for each resource of its descriptor.
  const std::vector<ContentFinding>& Content(size_t version) const {
    return content_[version];
  }
  // Whether the stored descriptor has all digests, so that kAsStored covers the
  // content.
  bool IsComplete(size_t version) const;

  // Errors are those of Normalise.
  absl::StatusOr<ReferenceFinding> CheckReference(size_t version,
                                                  size_t reference);
  absl::StatusOr<DigestSpec> Digest(size_t version, const DigestMode& mode);
  // The descriptor whose bytes that digest is of.
  absl::StatusOr<std::string> Text(size_t version, const DigestMode& mode);

 private:
  TreeDigest(const ComponentTree& tree,
             std::vector<std::vector<ContentFinding>> content)
      : tree_(&tree), content_(std::move(content)) {}

  absl::StatusOr<std::vector<DigestFill>> Fills(size_t version,
                                                const DigestMode& mode);
  absl::StatusOr<DigestSpec> ReferenceDigest(size_t version, size_t reference,
                                             const DigestMode& mode);
  // Whether `stored` is the digest of `version` by what it names itself.
  absl::StatusOr<bool> Fits(size_t version, const DigestSpec& stored);

  const ComponentTree* tree_;
  std::vector<std::vector<ContentFinding>> content_;
  std::map<std::pair<size_t, decltype(DigestMode().Key())>, DigestSpec> known_;
  bool in_order_ = false;  // those below were asked for already
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_TREE_DIGEST_H_
