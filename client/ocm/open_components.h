// From what people name (component_reference.h) to where it is kept. Called by
// the CLI. Blocks on the disk; reaches no registry yet.
#ifndef COUNTERSIGN_CLIENT_OCM_OPEN_COMPONENTS_H_
#define COUNTERSIGN_CLIENT_OCM_OPEN_COMPONENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "client/oci/registry.h"
#include "client/ocm/component_reference.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/ctf_archive.h"

namespace countersign::client {

// A CTF's content tells whether it is a directory, a tar or a tgz. `registries`
// outlive what is opened. NOT_FOUND (REPOSITORY_UNKNOWN) where a CTF is not
// there, INVALID_ARGUMENT (NOT_A_CTF, ARCHIVE_INVALID, ARCHIVE_UNSAFE,
// ARCHIVE_TOO_LARGE) where it is none.
absl::StatusOr<std::unique_ptr<ComponentRepository>> OpenComponents(
    const ComponentReference& reference, OciRegistries& registries,
    const CtfArchiveOptions& options = {});

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_OPEN_COMPONENTS_H_
