#include "tests/interop/descriptor_archive.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_macros.h"

namespace countersign::interop {
namespace {

using base::Json;

constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kConfigType[] =
    "application/vnd.ocm.software.component.config.v1+json";
constexpr char kDescriptorType[] =
    "application/vnd.ocm.software.component-descriptor.v2+";

// Stores a blob and gives its OCI descriptor.
absl::StatusOr<Json> Put(const std::string& folder, const std::string& type,
                         const std::string& blob) {
  const std::string hex = base::Sha256Hex(blob);
  RETURN_IF_ERROR(base::WriteFileAtomically(
      absl::StrCat(folder, "/blobs/sha256.", hex), blob));
  return Json(Json::Object{{"mediaType", type},
                           {"digest", absl::StrCat("sha256:", hex)},
                           {"size", static_cast<uint64_t>(blob.size())}});
}

absl::StatusOr<Json> PutVersion(const std::string& folder,
                                const RandomDescriptor& descriptor) {
  ASSIGN_OR_RETURN(
      const Json layer,
      Put(folder,
          absl::StrCat(kDescriptorType, descriptor.json ? "json" : "yaml"),
          descriptor.text));
  ASSIGN_OR_RETURN(const Json config,
                   Put(folder, kConfigType,
                       base::CompactJson(Json(Json::Object{
                           {"componentDescriptorLayer", layer}}))));
  ASSIGN_OR_RETURN(const Json manifest,
                   Put(folder, kManifestType,
                       base::CompactJson(Json(
                           Json::Object{{"schemaVersion", 2},
                                        {"mediaType", kManifestType},
                                        {"config", config},
                                        {"layers", Json::Array{layer}}}))));
  return Json(Json::Object{{"repository", absl::StrCat("component-descriptors/",
                                                       descriptor.component)},
                           {"tag", "1.0.0"},
                           {"digest", *manifest.Find("digest")},
                           {"mediaType", kManifestType}});
}

}  // namespace

absl::Status WriteDescriptorArchive(
    const std::string& folder,
    const std::vector<RandomDescriptor>& descriptors) {
  std::error_code error;
  std::filesystem::create_directories(folder + "/blobs", error);
  if (error) {
    return absl::InternalError(absl::StrCat(folder, ": ", error.message()));
  }
  Json::Array artifacts;
  for (const RandomDescriptor& descriptor : descriptors) {
    ASSIGN_OR_RETURN(Json entry, PutVersion(folder, descriptor));
    artifacts.push_back(std::move(entry));
  }
  const Json index(
      Json::Object{{"schemaVersion", 1}, {"artifacts", std::move(artifacts)}});
  return base::WriteFileAtomically(folder + "/artifact-index.json",
                                   base::CompactJson(index));
}

}  // namespace countersign::interop
