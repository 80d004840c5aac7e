// The component versions below one path of an OCI registry:
// HOST/SUBPATH/component-descriptors/NAME:TAG. Called by open_components.
#ifndef COUNTERSIGN_CLIENT_OCM_REGISTRY_COMPONENTS_H_
#define COUNTERSIGN_CLIENT_OCM_REGISTRY_COMPONENTS_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/oci/registry.h"
#include "client/ocm/component_reference.h"
#include "client/ocm/component_repository.h"
#include "client/ocm/stored_component.h"

namespace countersign::client {

// A registry has no common commit and no compare-and-swap: all versions are
// read and compared before the first is written, each tag is looked at again
// right before it is set and right after. Who sets it in between is noticed;
// who sets it later wins, as with every tool.
class RegistryComponents final : public ComponentRepository {
 public:
  // `registries` outlive it; `reference` is a registry's.
  RegistryComponents(OciRegistries& registries, ComponentReference reference)
      : registries_(registries), reference_(std::move(reference)) {}

  std::string Name() const override { return reference_.Repository(); }
  absl::StatusOr<std::string> ReadDescriptor(const ComponentId& id) override;
  absl::StatusOr<std::vector<ComponentId>> List() override;
  absl::Status ReadLocalBlob(const ComponentId& id,
                             const std::string& local_reference,
                             const BlobSink& sink) override;
  absl::Status WriteDescriptors(
      const std::vector<DescriptorUpdate>& updates) override;

 private:
  struct Tagged {
    OciRepository* repository = nullptr;
    std::string tag;
    std::string digest;  // of what the tag names
    StoredComponent stored;
  };

  absl::StatusOr<OciRepository*> Open(const std::string& name);
  absl::StatusOr<Tagged> Load(const ComponentId& id);
  absl::Status Write(const DescriptorUpdate& update, const Tagged& old);

  OciRegistries& registries_;
  const ComponentReference reference_;
  std::map<std::string, std::unique_ptr<OciRepository>> repositories_;
  // The last one that was asked for blobs: most have several.
  ComponentId cached_id_;
  Tagged cached_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_REGISTRY_COMPONENTS_H_
