// artifact-index.json of a CTF: which repository and tag has which manifest.
// Unknown members are kept when it is written back. Called by ctf_components.
// Pure.
#ifndef COUNTERSIGN_CLIENT_OCM_ARTIFACT_INDEX_H_
#define COUNTERSIGN_CLIENT_OCM_ARTIFACT_INDEX_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

// Octets: some 60,000 artifacts. As JSON in memory it is a good ten times that.
constexpr size_t kMaxArtifactIndexBytes = 16 << 20;

struct IndexedArtifact {
  std::string repository;  // "component-descriptors/acme.org/app"
  std::string tag;         // empty where it has none
  std::string digest;      // of the manifest
  std::string media_type;  // an image manifest's where the index says nothing
};

class ArtifactIndex {
 public:
  // INVALID_ARGUMENT (ARTIFACT_INDEX) names the entry; another schemaVersion
  // than 1 is refused.
  static absl::StatusOr<ArtifactIndex> Parse(absl::string_view text);

  const std::vector<IndexedArtifact>& artifacts() const { return artifacts_; }

  // Its place among artifacts(); nullopt where it is not there.
  // INVALID_ARGUMENT (ARTIFACT_INDEX) where two entries have the tag and not
  // the same manifest.
  absl::StatusOr<std::optional<size_t>> Find(const ComponentId& id) const;

  // Every component version that has a tag, sorted.
  std::vector<ComponentId> Components() const;

  // Every entry of the repository and tag of artifacts()[at] gets this
  // manifest.
  void SetDigest(size_t at, const std::string& digest);

  std::string Format() const { return base::CompactJson(document_); }

 private:
  ArtifactIndex() = default;

  base::Json document_;
  std::vector<IndexedArtifact> artifacts_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_ARTIFACT_INDEX_H_
