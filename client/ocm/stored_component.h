// A component version as manifests and blobs: the image manifest, the image
// index around it where there is one, the config, and the layer that is the
// descriptor. Read and written back with everything else left as it is. Not
// where they are kept. Called by ctf_components and registry_components.
#ifndef COUNTERSIGN_CLIENT_OCM_STORED_COMPONENT_H_
#define COUNTERSIGN_CLIENT_OCM_STORED_COMPONENT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "client/oci/registry.h"

namespace countersign::client {

// Where the parts come from; what they give has the digest. Each may block.
struct ComponentParts {
  std::function<absl::StatusOr<std::string>(const std::string& digest)>
      get_manifest;
  std::function<absl::StatusOr<std::string>(const std::string& digest,
                                            size_t max_bytes)>
      get_blob;
};

struct StoredComponent {
  // What the tag names, if that is an index whose first manifest is ours.
  std::optional<base::Json> index;
  std::string index_type;

  base::Json manifest;
  std::string manifest_type;
  size_t layer = 0;   // of the descriptor, in the manifest's "layers"
  base::Json config;  // without componentDescriptorLayer: layers[0] is ours
  OciDescriptor layer_descriptor;
  // All layers, and what else the index names.
  std::vector<OciDescriptor> layers;
  std::vector<OciDescriptor> other_manifests;

  std::string text;  // the descriptor
};

// From the manifest or index that the tag names. INVALID_ARGUMENT
// (COMPONENT_MANIFEST, DESCRIPTOR_LAYER) says what is wrong in it; DATA_LOSS
// (SIZE_MISMATCH) where a part has another size than the one said.
absl::StatusOr<StoredComponent> LoadStoredComponent(
    absl::string_view bytes, absl::string_view media_type,
    const ComponentParts& parts);

// What has to be stored, in this order, so that nothing names what is not
// there.
struct RewrittenComponent {
  std::string layer;
  std::string config;
  std::string manifest;
  std::string manifest_type;
  std::string index;  // empty where there is none
  std::string index_type;
};

absl::StatusOr<RewrittenComponent> RewriteStoredComponent(
    const StoredComponent& stored, absl::string_view new_text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_STORED_COMPONENT_H_
