// The layer of a manifest that is a component descriptor: its media types, of
// today and of the names before, and its two packings, bare text or a tar of
// one member. Called by stored_component. Pure.
#ifndef COUNTERSIGN_CLIENT_OCM_DESCRIPTOR_LAYER_H_
#define COUNTERSIGN_CLIENT_OCM_DESCRIPTOR_LAYER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Octets of the layer; the text in it may have 16 MiB (component_descriptor.h).
constexpr size_t kMaxDescriptorLayerBytes = 17 << 20;

bool IsDescriptorLayerType(absl::string_view media_type);
// The config of a manifest that has such a layer.
bool IsComponentConfigType(absl::string_view media_type);

// The text in a layer; `media_type` is one of a descriptor's. INVALID_ARGUMENT
// (DESCRIPTOR_LAYER).
absl::StatusOr<std::string> UnpackDescriptor(absl::string_view media_type,
                                             absl::string_view layer);

// The layer for a text. The same text gives the same octets. INVALID_ARGUMENT
// (DESCRIPTOR_LAYER) where a JSON layer would get YAML.
absl::StatusOr<std::string> PackDescriptor(absl::string_view media_type,
                                           absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_DESCRIPTOR_LAYER_H_
