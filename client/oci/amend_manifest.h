// Changes what stands under a tag, where others may do the same: registries
// have no compare-and-swap. Read, edit, push, read again; what got lost is done
// again. Called by referrers.h and for cosign's signature tags.
//
// It narrows the race and cannot close it: somebody who read before our push
// and pushes after our second reading takes our change away unseen.
#ifndef COUNTERSIGN_CLIENT_OCI_AMEND_MANIFEST_H_
#define COUNTERSIGN_CLIENT_OCI_AMEND_MANIFEST_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/oci/registry.h"
#include "client/oci/retry_pause.h"

namespace countersign::client {

struct NewManifest {
  std::string media_type;
  std::string bytes;
};

// Gets what is there, or nullopt where the tag is not; gives what shall be
// there, or nullopt where nothing need change. Called again after a lost
// update, so it must keep all that it does not know and find its own change.
// May push blobs.
using ManifestEdit = std::function<absl::StatusOr<std::optional<NewManifest>>(
    const std::optional<OciManifest>& now)>;

// The digest that stands under `tag` in the end; empty where there was none and
// `edit` wanted none. Blocks. ABORTED (REGISTRY_CONTENDED) after five pushes
// that got lost; errors of `repository` and `edit`.
absl::StatusOr<std::string> AmendManifest(OciRepository& repository,
                                          const std::string& tag,
                                          const ManifestEdit& edit,
                                          const RetryPause& pause);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_AMEND_MANIFEST_H_
