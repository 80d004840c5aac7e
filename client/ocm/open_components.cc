#include "client/ocm/open_components.h"

#include <sys/stat.h>

#include <utility>

#include "base/status_macros.h"
#include "client/ocm/ctf_components.h"
#include "client/ocm/ctf_directory.h"
#include "client/ocm/ctf_storage.h"
#include "client/ocm/registry_components.h"

namespace countersign::client {
namespace {

absl::StatusOr<std::unique_ptr<CtfStorage>> OpenCtf(
    const std::string& path, const CtfArchiveOptions& options) {
  struct stat info = {};
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return CtfDirectory::Open(path);
  }
  return CtfArchive::Open(path, options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ComponentRepository>> OpenComponents(
    const ComponentReference& reference, OciRegistries& registries,
    const CtfArchiveOptions& options) {
  if (reference.kind == ComponentReference::Kind::kRegistry) {
    return std::make_unique<RegistryComponents>(registries, reference);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<CtfStorage> storage,
                   OpenCtf(reference.path, options));
  return std::make_unique<CtfComponents>(std::move(storage));
}

}  // namespace countersign::client
