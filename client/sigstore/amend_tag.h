// Changing a manifest that others may change at the same moment. Registries
// have no compare-and-swap, so after each push the tag is read again, and where
// somebody else's push has replaced ours, ours is made anew from theirs. Called
// by push_signatures. Blocks on the registry.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_AMEND_TAG_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_AMEND_TAG_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/oci/registry.h"

namespace countersign::client {

// What the tag shall have where it has `there` now (nullopt: nothing). nullopt
// where nothing has to change. Pushes the blobs that it needs.
using TagEdit = std::function<absl::StatusOr<std::optional<std::string>>(
    const std::optional<OciManifest>& there)>;

// True where something had to change. ABORTED (TAG_CONTENDED) after eight
// tries; errors are those of `edit` and the registry.
absl::StatusOr<bool> AmendTag(OciRepository& repository, const std::string& tag,
                              const std::string& media_type,
                              const TagEdit& edit);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_AMEND_TAG_H_
