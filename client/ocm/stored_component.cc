#include "client/ocm/stored_component.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/ocm/descriptor_layer.h"

namespace countersign::client {
namespace {

constexpr char kLayerMember[] = "componentDescriptorLayer";
constexpr size_t kMaxConfigBytes = 1 << 20;
constexpr size_t kMaxLayers = 10000;

absl::Status Bad(absl::string_view what) {
  return BadInput("COMPONENT_MANIFEST",
                  absl::StrCat("no manifest of a component version: ", what));
}

absl::StatusOr<base::Json> ParseDocument(absl::string_view bytes,
                                         const char* what) {
  auto document = ParseManifestJson(bytes);
  if (document.ok()) return document;
  return Bad(absl::StrCat(what, ": ", document.status().message()));
}

absl::StatusOr<OciDescriptor> Part(const base::Json& value,
                                   absl::string_view what) {
  auto descriptor = ParseOciDescriptor(value);
  if (descriptor.ok()) return descriptor;
  return Bad(absl::StrCat(what, ": ", descriptor.status().message()));
}

absl::StatusOr<std::vector<OciDescriptor>> PartsOf(const base::Json& document,
                                                   const char* key) {
  const base::Json* list = document.Find(key);
  if (list == nullptr || !list->is_array() || list->array().empty()) {
    return Bad(absl::StrCat("it has no ", key));
  }
  if (list->array().size() > kMaxLayers) {
    return Bad(absl::StrCat("it has more than ", kMaxLayers, " ", key));
  }
  std::vector<OciDescriptor> parts;
  for (const base::Json& value : list->array()) {
    ASSIGN_OR_RETURN(OciDescriptor part,
                     Part(value, absl::StrCat(key, "[", parts.size(), "]")));
    parts.push_back(std::move(part));
  }
  return parts;
}

// A document may say itself what it is; then that must be what it is taken for.
absl::StatusOr<std::string> TypeOf(const base::Json& document,
                                   absl::string_view said) {
  const base::Json* own = document.Find("mediaType");
  std::string type(said);
  if (own != nullptr && own->is_string() && !own->string().empty()) {
    if (!type.empty() && type != own->string() &&
        (IsIndexType(type) || IsManifestType(type))) {
      return Bad(absl::StrCat("it is stored as ", Quoted(type),
                              " and says that it is ", Quoted(own->string())));
    }
    type = own->string();
  }
  if (type.empty()) {
    type =
        std::string(document.Find("manifests") != nullptr ? kOciIndexType
                                                          : kOciManifestType);
  }
  if (IsIndexType(type) || IsManifestType(type)) return type;
  return Bad(absl::StrCat("its media type is ", Quoted(type)));
}

absl::Status CheckSize(absl::string_view bytes, const OciDescriptor& said) {
  if (bytes.size() == said.size) return absl::OkStatus();
  return ArtifactError(absl::StatusCode::kDataLoss, "SIZE_MISMATCH",
                       absl::StrCat(said.digest, " has ", bytes.size(),
                                    " octets, and ", said.size, " were said"));
}

absl::StatusOr<std::string> GetBlob(const ComponentParts& parts,
                                    const OciDescriptor& said, size_t max) {
  ASSIGN_OR_RETURN(std::string bytes, parts.get_blob(said.digest, max));
  RETURN_IF_ERROR(CheckSize(bytes, said));
  return bytes;
}

// The config says which layer it is; the tools read that one.
absl::StatusOr<size_t> FindLayer(const StoredComponent& stored) {
  const base::Json* named = stored.config.Find(kLayerMember);
  size_t found = 0;
  if (named != nullptr) {
    ASSIGN_OR_RETURN(const OciDescriptor layer, Part(*named, kLayerMember));
    while (found < stored.layers.size() &&
           stored.layers[found].digest != layer.digest) {
      ++found;
    }
    if (found == stored.layers.size()) {
      return Bad(absl::StrCat("its config names the layer ", layer.digest,
                              ", which it has not"));
    }
    if (layer.media_type != stored.layers[found].media_type) {
      return Bad(
          absl::StrCat("its config gives the descriptor's layer the "
                       "media type ",
                       Quoted(layer.media_type), ", the manifest ",
                       Quoted(stored.layers[found].media_type)));
    }
  }
  if (!IsDescriptorLayerType(stored.layers[found].media_type)) {
    return Bad(absl::StrCat("layers[", found, "] has the media type ",
                            Quoted(stored.layers[found].media_type),
                            ", which is none of a component descriptor"));
  }
  return found;
}

absl::Status LoadManifest(StoredComponent& stored,
                          const ComponentParts& parts) {
  const base::Json* config = stored.manifest.Find("config");
  if (config == nullptr) return Bad("it has no config");
  ASSIGN_OR_RETURN(const OciDescriptor said, Part(*config, "config"));
  if (!IsComponentConfigType(said.media_type)) {
    return Bad(absl::StrCat("its config has the media type ",
                            Quoted(said.media_type),
                            "; this may be an image or a chart"));
  }
  ASSIGN_OR_RETURN(stored.layers, PartsOf(stored.manifest, "layers"));
  ASSIGN_OR_RETURN(const std::string bytes,
                   GetBlob(parts, said, kMaxConfigBytes));
  ASSIGN_OR_RETURN(stored.config, ParseDocument(bytes, "its config"));
  ASSIGN_OR_RETURN(stored.layer, FindLayer(stored));
  stored.layer_descriptor = stored.layers[stored.layer];
  ASSIGN_OR_RETURN(
      const std::string layer,
      GetBlob(parts, stored.layer_descriptor, kMaxDescriptorLayerBytes));
  ASSIGN_OR_RETURN(stored.text,
                   UnpackDescriptor(stored.layer_descriptor.media_type, layer));
  return absl::OkStatus();
}

// Digest and size of a part change; what else is said of it stays.
void Point(base::Json& part, absl::string_view bytes) {
  part.Set("digest", OciDigestOf(bytes));
  part.Set("size", static_cast<uint64_t>(bytes.size()));
}

}  // namespace

absl::StatusOr<StoredComponent> LoadStoredComponent(
    absl::string_view bytes, absl::string_view media_type,
    const ComponentParts& parts) {
  StoredComponent stored;
  ASSIGN_OR_RETURN(base::Json top, ParseDocument(bytes, "it"));
  ASSIGN_OR_RETURN(std::string type, TypeOf(top, media_type));
  if (IsManifestType(type)) {
    stored.manifest = std::move(top);
    stored.manifest_type = std::move(type);
  } else {
    stored.index_type = std::move(type);
    ASSIGN_OR_RETURN(stored.other_manifests, PartsOf(top, "manifests"));
    const OciDescriptor first = stored.other_manifests.front();
    stored.other_manifests.erase(stored.other_manifests.begin());
    stored.index = std::move(top);
    ASSIGN_OR_RETURN(const std::string inner, parts.get_manifest(first.digest));
    RETURN_IF_ERROR(CheckSize(inner, first));
    ASSIGN_OR_RETURN(stored.manifest, ParseDocument(inner, "manifests[0]"));
    ASSIGN_OR_RETURN(stored.manifest_type,
                     TypeOf(stored.manifest, first.media_type));
    if (!IsManifestType(stored.manifest_type)) {
      return Bad("manifests[0] of the index is an index again");
    }
  }
  RETURN_IF_ERROR(LoadManifest(stored, parts));
  return stored;
}

absl::StatusOr<RewrittenComponent> RewriteStoredComponent(
    const StoredComponent& stored, absl::string_view new_text) {
  RewrittenComponent result;
  ASSIGN_OR_RETURN(
      result.layer,
      PackDescriptor(stored.layer_descriptor.media_type, new_text));
  base::Json config = stored.config;
  if (base::Json* named = config.Find(kLayerMember)) {
    Point(*named, result.layer);
  }
  result.config = base::CompactJson(config);

  base::Json manifest = stored.manifest;
  Point(*manifest.Find("config"), result.config);
  Point(manifest.Find("layers")->array()[stored.layer], result.layer);
  result.manifest = base::CompactJson(manifest);
  result.manifest_type = stored.manifest_type;

  if (stored.index.has_value()) {
    base::Json index = *stored.index;
    Point(index.Find("manifests")->array()[0], result.manifest);
    result.index = base::CompactJson(index);
    result.index_type = stored.index_type;
  }
  for (const std::string* bytes : {&result.manifest, &result.index}) {
    if (bytes->size() > kMaxManifestBytes) {
      return Bad("it would have more than 4 MiB");
    }
  }
  return result;
}

}  // namespace countersign::client
