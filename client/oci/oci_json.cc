#include "client/oci/oci_json.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/oci/oci_digest.h"

namespace countersign::client {
namespace {

constexpr int kMaxDepth = 32;
constexpr double kMaxSize = 9007199254740992;  // 2^53: what a double can count

absl::Status Bad(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::StatusOr<std::string> Text(const base::Json& value,
                                 absl::string_view key) {
  const base::Json* member = value.Find(key);
  if (member == nullptr || !member->is_string()) {
    return Bad(absl::StrCat("a descriptor's ", key, " is no text"));
  }
  return member->string();
}

}  // namespace

absl::StatusOr<base::Json> ParseManifestJson(absl::string_view bytes) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxManifestBytes;
  limits.max_depth = kMaxDepth;
  ASSIGN_OR_RETURN(base::Json value, base::ParseJson(bytes, limits));
  if (!value.is_object()) return Bad("it is no JSON object");
  return value;
}

absl::StatusOr<OciDescriptor> ParseOciDescriptor(const base::Json& value) {
  if (!value.is_object()) return Bad("a descriptor is no object");
  OciDescriptor result;
  ASSIGN_OR_RETURN(result.media_type, Text(value, "mediaType"));
  ASSIGN_OR_RETURN(result.digest, Text(value, "digest"));
  if (!IsOciDigest(result.digest)) {
    return Bad("a descriptor's digest is none of sha256 or sha512");
  }
  const base::Json* size = value.Find("size");
  if (size == nullptr || !size->is_number() || size->number() < 0 ||
      size->number() > kMaxSize ||
      std::floor(size->number()) != size->number()) {
    return Bad("a descriptor's size is no number of octets");
  }
  result.size = static_cast<uint64_t>(size->number());
  if (value.Find("artifactType") != nullptr) {
    ASSIGN_OR_RETURN(result.artifact_type, Text(value, "artifactType"));
  }
  const base::Json* annotations = value.Find("annotations");
  if (annotations == nullptr || annotations->is_null()) return result;
  if (!annotations->is_object()) {
    return Bad("a descriptor's annotations are no object");
  }
  for (const auto& [key, text] : annotations->object()) {
    if (!text.is_string()) return Bad("an annotation is no text");
    result.annotations[key] = text.string();
  }
  return result;
}

base::Json OciDescriptorJson(const OciDescriptor& descriptor) {
  base::Json::Object object = {{"mediaType", descriptor.media_type},
                               {"digest", descriptor.digest},
                               {"size", descriptor.size}};
  if (!descriptor.artifact_type.empty()) {
    object.emplace_back("artifactType", descriptor.artifact_type);
  }
  if (!descriptor.annotations.empty()) {
    base::Json::Object annotations;
    for (const auto& [key, text] : descriptor.annotations) {
      annotations.emplace_back(key, text);
    }
    object.emplace_back("annotations", std::move(annotations));
  }
  return object;
}

absl::StatusOr<std::vector<OciDescriptor>> ParseIndex(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const base::Json index, ParseManifestJson(bytes));
  const base::Json* manifests = index.Find("manifests");
  std::vector<OciDescriptor> result;
  // Go writes an empty list as null.
  if (manifests != nullptr && manifests->is_null()) return result;
  if (manifests == nullptr || !manifests->is_array()) {
    return Bad("it has no list \"manifests\"");
  }
  for (const base::Json& value : manifests->array()) {
    ASSIGN_OR_RETURN(OciDescriptor descriptor, ParseOciDescriptor(value));
    result.push_back(std::move(descriptor));
  }
  return result;
}

}  // namespace countersign::client
