#include "client/oci/amend_manifest.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr int kMaxPushes = 5;
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);

absl::StatusOr<std::optional<OciManifest>> Read(OciRepository& repository,
                                                const std::string& tag) {
  absl::StatusOr<OciManifest> manifest = repository.GetManifest(tag);
  if (manifest.ok()) return *std::move(manifest);
  if (absl::IsNotFound(manifest.status())) return std::nullopt;
  return manifest.status();
}

}  // namespace

absl::StatusOr<std::string> AmendManifest(OciRepository& repository,
                                          const std::string& tag,
                                          const ManifestEdit& edit,
                                          const RetryPause& pause) {
  for (int pushes = 0; pushes < kMaxPushes; ++pushes) {
    // Before the reading: the time from it to the push is when others can come
    // between.
    if (pushes > 0) pause.Wait(kFirstPause, pushes);
    ASSIGN_OR_RETURN(std::optional<OciManifest> now, Read(repository, tag));
    ASSIGN_OR_RETURN(const std::optional<NewManifest> next, edit(now));
    if (!next.has_value()) return now.has_value() ? now->digest : "";
    ASSIGN_OR_RETURN(
        const OciRepository::PutResult put,
        repository.PutManifest(tag, next->media_type, next->bytes));
    ASSIGN_OR_RETURN(now, Read(repository, tag));
    if (now.has_value() && now->digest == put.digest) return put.digest;
  }
  return RegistryContended(tag);
}

}  // namespace countersign::client
