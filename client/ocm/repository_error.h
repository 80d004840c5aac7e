// Errors of component repositories, one function for each that all of them can
// give. The rest is said where it is found, with ArtifactError. Pure.
#ifndef COUNTERSIGN_CLIENT_OCM_REPOSITORY_ERROR_H_
#define COUNTERSIGN_CLIENT_OCM_REPOSITORY_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/ocm/component_repository.h"

namespace countersign::client {

// NOT_FOUND (COMPONENT_VERSION_UNKNOWN). `versions` of that component are
// there; where there are none, `others` are names of components that are.
absl::Status UnknownVersion(const std::string& repository,
                            const ComponentId& id,
                            const std::vector<std::string>& versions,
                            const std::vector<std::string>& others = {});

// The same, out of a list of what is there.
absl::Status UnknownVersionAmong(const std::string& repository,
                                 const ComponentId& id,
                                 const std::vector<ComponentId>& there);

// NOT_FOUND (BLOB_UNKNOWN).
absl::Status UnknownBlob(const std::string& repository, const ComponentId& id,
                         const std::string& local_reference);

// ABORTED (COMPONENT_VERSION_CHANGED).
absl::Status VersionChanged(const std::string& repository,
                            const ComponentId& id);

// INVALID_ARGUMENT (DUPLICATE_UPDATE) where two updates are of one version.
absl::Status CheckDistinct(const std::vector<DescriptorUpdate>& updates);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_REPOSITORY_ERROR_H_
