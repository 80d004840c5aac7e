// What a localReference names: one blob, or several that are chunks of one.
// Called by ctf_components and registry_components.
#ifndef COUNTERSIGN_CLIENT_OCM_LOCAL_BLOB_H_
#define COUNTERSIGN_CLIENT_OCM_LOCAL_BLOB_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/oci/registry.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/stored_component.h"

namespace countersign::client {

struct LocalBlobPart {
  std::string digest;
  // It is an image that the component version's index names, not a layer.
  bool is_manifest = false;
};

// The parts one after the other through `read`, which checks digests. A size
// that the manifest tells is checked here: DATA_LOSS (SIZE_MISMATCH). A part
// that is not there, or a reference that is no digest, is BLOB_UNKNOWN.
absl::Status ReadLocalBlobParts(
    const std::string& repository, const ComponentId& id,
    const std::string& local_reference, const StoredComponent& stored,
    const BlobSink& sink,
    const std::function<absl::Status(const LocalBlobPart& part,
                                     const BlobSink& sink)>& read);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_LOCAL_BLOB_H_
