// Port: where component versions are kept, a CTF (directory, tar, tgz) or an
// OCI registry. ctf_*.h and registry_components.h are the real ones,
// fake_component_repository.h one in memory; all pass
// component_repository_contract.h. Not the descriptor's meaning: that is
// component_tree.h. Every method blocks.
#ifndef COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_H_
#define COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/oci/registry.h"

namespace countersign::client {

struct ComponentId {
  std::string name;     // "acme.org/x/y"
  std::string version;  // "1.0.0+build.3", as in the descriptor

  std::string Format() const { return name + ":" + version; }
  bool operator==(const ComponentId& o) const {
    return name == o.name && version == o.version;
  }
  bool operator<(const ComponentId& o) const {
    return name != o.name ? name < o.name : version < o.version;
  }
};

// A new text for a component version that is there.
struct DescriptorUpdate {
  ComponentId id;
  std::string old_text;  // as ReadDescriptor gave it
  std::string new_text;
};

// Thread-compatible.
class ComponentRepository {
 public:
  virtual ~ComponentRepository() = default;

  // For people: the path, or HOST/SUBPATH.
  virtual std::string Name() const = 0;

  // The descriptor's text as it is stored, JSON or YAML, out of whatever it is
  // packed in. Nobody looked into it: that it is of `id` is the caller's to
  // check. NOT_FOUND (COMPONENT_VERSION_UNKNOWN) names repository and version,
  // and, where List works, versions of that component that are there.
  virtual absl::StatusOr<std::string> ReadDescriptor(const ComponentId& id) = 0;

  // What is there, sorted. UNIMPLEMENTED for a registry.
  virtual absl::StatusOr<std::vector<ComponentId>> List() = 0;

  // The blob that a localBlob access of this version names (localReference), as
  // stored; the digest was right when this is OK. Chunks ("DIGEST,DIGEST") are
  // joined. Where the reference names an image that is kept beside the version
  // (a manifest, not a layer), its manifest is given. NOT_FOUND (BLOB_UNKNOWN).
  virtual absl::Status ReadLocalBlob(const ComponentId& id,
                                     const std::string& local_reference,
                                     const BlobSink& sink) = 0;

  // Stores all of them or, in a CTF, none: in the packing and media type that
  // each was found in, with everything else left as it is. ABORTED
  // (COMPONENT_VERSION_CHANGED) where a text is no longer `old_text`;
  // INVALID_ARGUMENT (DUPLICATE_UPDATE, or DESCRIPTOR_LAYER where a JSON layer
  // would get YAML). A registry has no common commit: all are compared before
  // the first is written, the order is that of `updates`, and the error names
  // what was written.
  virtual absl::Status WriteDescriptors(
      const std::vector<DescriptorUpdate>& updates) = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_COMPONENT_REPOSITORY_H_
