#include "client/oci/manifest_answer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/oci/registry_answer.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

bool SaysNothing(absl::string_view type) {
  return type.empty() || type == "application/json" || type == "text/plain" ||
         type == "application/octet-stream";
}

absl::Status NotFound(const std::string& where, const std::string& name,
                      const HttpResponse& response) {
  const RegistryErrors errors = ParseRegistryErrors(response.body);
  if (errors.first_code == "NAME_UNKNOWN") {
    return RepositoryUnknown(where, errors.text);
  }
  return ManifestUnknown(where, name);
}

}  // namespace

std::string MediaTypeOf(absl::string_view content_type) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(
      content_type.substr(0, content_type.find(';'))));
}

absl::StatusOr<OciManifest> ReadManifestAnswer(const std::string& where,
                                               const std::string& tag_or_digest,
                                               const HttpResponse& response) {
  if (response.status == 404) return NotFound(where, tag_or_digest, response);
  if (response.status != 200) return AnswerError(where, response);
  OciManifest manifest;
  manifest.bytes = response.body;
  manifest.digest = OciDigestOf(manifest.bytes);
  const std::string said = response.Header("docker-content-digest");
  for (const std::string& digest : {tag_or_digest, said}) {
    if (IsOciDigest(digest) && !HasOciDigest(manifest.bytes, digest)) {
      return DigestMismatch(where, digest, manifest.digest);
    }
  }
  const auto json = ParseManifestJson(manifest.bytes);
  if (!json.ok()) {
    return RegistryAnswer(
        where, absl::StrCat("a manifest: ", json.status().message()));
  }
  manifest.media_type = MediaTypeOf(response.Header("content-type"));
  const base::Json* inside = json->Find("mediaType");
  if (inside != nullptr && inside->is_string()) {
    if (SaysNothing(manifest.media_type)) {
      manifest.media_type = inside->string();
    }
    if (manifest.media_type != inside->string()) {
      return RegistryAnswer(
          where, absl::StrCat("a manifest says that it is ", inside->string(),
                              ", its Content-Type says ", manifest.media_type));
    }
  }
  if (!IsMediaType(manifest.media_type)) {
    return RegistryAnswer(where, absl::StrCat("a manifest of the type \"",
                                              manifest.media_type, "\""));
  }
  return manifest;
}

}  // namespace countersign::client
