#include "client/ocm/artifact_index.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/ocm/version_tag.h"

namespace countersign::client {
namespace {

constexpr char kComponents[] = "component-descriptors/";
constexpr int kMaxDepth = 32;
constexpr size_t kMaxRepositoryBytes = 1024;

absl::Status Bad(absl::string_view what) {
  return BadInput("ARTIFACT_INDEX",
                  absl::StrCat("artifact-index.json: ", what));
}

absl::StatusOr<std::string> Text(const base::Json& entry, const char* key) {
  const base::Json* value = entry.Find(key);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return Bad(absl::StrCat(key, " is not a string"));
  return value->string();
}

// Names of other tools' artifacts are theirs; only what could deceive a reader
// of a terminal or a log is refused.
bool IsRepository(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxRepositoryBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f; });
}

absl::StatusOr<IndexedArtifact> ParseEntry(const base::Json& entry) {
  if (!entry.is_object()) return Bad("it is not an object");
  IndexedArtifact artifact;
  ASSIGN_OR_RETURN(artifact.repository, Text(entry, "repository"));
  ASSIGN_OR_RETURN(artifact.tag, Text(entry, "tag"));
  ASSIGN_OR_RETURN(artifact.digest, Text(entry, "digest"));
  ASSIGN_OR_RETURN(artifact.media_type, Text(entry, "mediaType"));
  if (artifact.media_type.empty())
    artifact.media_type = std::string(kOciManifestType);
  if (!IsRepository(artifact.repository)) {
    return Bad(absl::StrCat("repository ", Quoted(artifact.repository),
                            " is no name of one"));
  }
  if (!artifact.tag.empty() && !IsStoredTag(artifact.tag)) {
    return Bad(absl::StrCat("tag ", Quoted(artifact.tag), " is no tag"));
  }
  if (!IsOciDigest(artifact.digest)) {
    return Bad(absl::StrCat("digest ", Quoted(artifact.digest),
                            " is not \"sha256:\" and 64 lower-case hex "
                            "digits"));
  }
  return artifact;
}

}  // namespace

absl::StatusOr<ArtifactIndex> ArtifactIndex::Parse(absl::string_view text) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxArtifactIndexBytes;
  limits.max_depth = kMaxDepth;
  auto document = base::ParseJson(text, limits);
  if (!document.ok()) return Bad(document.status().message());
  if (!document->is_object()) return Bad("it is not an object");
  const base::Json* version = document->Find("schemaVersion");
  if (version == nullptr || !version->is_number() || version->number() != 1) {
    return Bad(absl::StrCat(
        "schemaVersion is ",
        version == nullptr ? "not there" : base::CompactJson(*version),
        ", and only 1 is known"));
  }
  ArtifactIndex index;
  index.document_ = *std::move(document);
  const base::Json* artifacts = index.document_.Find("artifacts");
  if (artifacts == nullptr || artifacts->is_null()) return index;
  if (!artifacts->is_array()) return Bad("artifacts is not a list");
  index.artifacts_.reserve(artifacts->array().size());
  for (const base::Json& entry : artifacts->array()) {
    auto artifact = ParseEntry(entry);
    if (!artifact.ok()) {
      return base::Annotate(
          artifact.status(),
          absl::StrCat("artifacts[", index.artifacts_.size(), "]"));
    }
    index.artifacts_.push_back(*std::move(artifact));
  }
  return index;
}

absl::StatusOr<std::optional<size_t>> ArtifactIndex::Find(
    const ComponentId& id) const {
  const std::string repository = absl::StrCat(kComponents, id.name);
  std::optional<size_t> found;
  for (size_t i = 0; i < artifacts_.size(); ++i) {
    const IndexedArtifact& artifact = artifacts_[i];
    if (artifact.repository != repository || artifact.tag.empty() ||
        !IsTagOf(artifact.tag, id.version)) {
      continue;
    }
    if (found.has_value() && artifacts_[*found].digest != artifact.digest) {
      return Bad(absl::StrCat(Quoted(id.Format()),
                              " is there twice, with different manifests"));
    }
    if (!found.has_value()) found = i;
  }
  return found;
}

std::vector<ComponentId> ArtifactIndex::Components() const {
  std::set<ComponentId> ids;
  for (const IndexedArtifact& artifact : artifacts_) {
    absl::string_view name = artifact.repository;
    if (artifact.tag.empty() || !absl::ConsumePrefix(&name, kComponents)) {
      continue;
    }
    ids.insert({std::string(name), VersionOfTag(artifact.tag)});
  }
  return {ids.begin(), ids.end()};
}

void ArtifactIndex::SetDigest(size_t at, const std::string& digest) {
  const IndexedArtifact target = artifacts_[at];
  base::Json::Array& entries = document_.Find("artifacts")->array();
  for (size_t i = 0; i < artifacts_.size(); ++i) {
    if (artifacts_[i].repository != target.repository ||
        artifacts_[i].tag != target.tag) {
      continue;
    }
    artifacts_[i].digest = digest;
    entries[i].Set("digest", digest);
  }
}

}  // namespace countersign::client
