#include "client/sigstore/amend_tag.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr int kTries = 8;

absl::StatusOr<std::optional<OciManifest>> Read(OciRepository& repository,
                                                const std::string& tag) {
  auto there = repository.GetManifest(tag);
  if (there.ok()) return {*std::move(there)};
  if (absl::IsNotFound(there.status())) return {std::nullopt};
  return there.status();
}

}  // namespace

absl::StatusOr<bool> AmendTag(OciRepository& repository, const std::string& tag,
                              const std::string& media_type,
                              const TagEdit& edit) {
  for (int i = 0; i < kTries; ++i) {
    ASSIGN_OR_RETURN(const std::optional<OciManifest> there,
                     Read(repository, tag));
    ASSIGN_OR_RETURN(const std::optional<std::string> bytes, edit(there));
    if (!bytes.has_value()) return i > 0;
    RETURN_IF_ERROR(repository.PutManifest(tag, media_type, *bytes).status());
  }
  return ArtifactError(
      absl::StatusCode::kAborted, "TAG_CONTENDED",
      absl::StrCat("tag ", tag, " was replaced by others ", kTries,
                   " times while it was being changed; the same command again "
                   "goes on"));
}

}  // namespace countersign::client
