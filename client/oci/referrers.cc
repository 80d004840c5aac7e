#include "client/oci/referrers.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/amend_manifest.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

std::string TextOf(const base::Json& object, absl::string_view key) {
  const base::Json* value = object.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

// The list's entry for `manifest`, as the specification makes it: artifactType
// is the config's type where the manifest has none.
OciDescriptor EntryOf(const base::Json& manifest, const std::string& bytes) {
  OciDescriptor entry;
  entry.media_type = std::string(kOciManifestType);
  entry.digest = OciDigestOf(bytes);
  entry.size = bytes.size();
  entry.artifact_type = TextOf(manifest, "artifactType");
  const base::Json* config = manifest.Find("config");
  if (entry.artifact_type.empty() && config != nullptr) {
    entry.artifact_type = TextOf(*config, "mediaType");
  }
  const base::Json* annotations = manifest.Find("annotations");
  if (annotations == nullptr || !annotations->is_object()) return entry;
  for (const auto& [key, value] : annotations->object()) {
    if (value.is_string()) entry.annotations[key] = value.string();
  }
  return entry;
}

// The fallback index with `entry`; nullopt where it is there already.
absl::StatusOr<std::optional<NewManifest>> AddEntry(
    const std::optional<OciManifest>& now, const OciDescriptor& entry,
    const std::string& tag) {
  base::Json index = base::Json::Object{{"schemaVersion", 2},
                                        {"mediaType", kOciIndexType},
                                        {"manifests", base::Json::Array()}};
  if (now.has_value()) {
    auto parsed = ParseManifestJson(now->bytes);
    if (!parsed.ok() || now->media_type != kOciIndexType) {
      return RegistryAnswer(
          tag, "this tag should hold an index of referrers, and does not");
    }
    index = *std::move(parsed);
  }
  base::Json* manifests = index.Find("manifests");
  if (manifests == nullptr || !manifests->is_array()) {
    index.Set("manifests", base::Json::Array());
    manifests = index.Find("manifests");
  }
  for (const base::Json& other : manifests->array()) {
    if (TextOf(other, "digest") == entry.digest) return std::nullopt;
  }
  manifests->array().push_back(OciDescriptorJson(entry));
  return NewManifest{std::string(kOciIndexType), base::CompactJson(index)};
}

bool Lists(const std::vector<OciDescriptor>& list, const std::string& digest) {
  for (const OciDescriptor& entry : list) {
    if (entry.digest == digest) return true;
  }
  return false;
}

}  // namespace

std::string ReferrersTag(absl::string_view digest) {
  return absl::StrReplaceAll(digest, {{":", "-"}});
}

absl::StatusOr<std::vector<OciDescriptor>> ReadReferrers(
    OciRepository& repository, const std::string& digest) {
  auto listed = repository.ListReferrers(digest);
  if (!absl::IsUnimplemented(listed.status())) return listed;
  const std::string tag = ReferrersTag(digest);
  const auto index = repository.GetManifest(tag);
  if (absl::IsNotFound(index.status())) return std::vector<OciDescriptor>();
  if (!index.ok()) return index.status();
  auto entries = ParseIndex(index->bytes);
  if (entries.ok()) return entries;
  return RegistryAnswer(tag, absl::StrCat("the index of referrers: ",
                                          entries.status().message()));
}

absl::StatusOr<std::string> AttachReferrer(OciRepository& repository,
                                           const std::string& manifest,
                                           const RetryPause& pause) {
  const auto json = ParseManifestJson(manifest);
  const base::Json* subject = json.ok() ? json->Find("subject") : nullptr;
  if (subject == nullptr) return NoSubject("there is none");
  const auto parsed = ParseOciDescriptor(*subject);
  if (!parsed.ok()) return NoSubject(parsed.status().message());
  const OciDescriptor entry = EntryOf(*json, manifest);
  ASSIGN_OR_RETURN(const OciRepository::PutResult put,
                   repository.PutManifest(
                       entry.digest, std::string(kOciManifestType), manifest));
  if (put.keeps_referrers) return put.digest;
  // Some keep a list and do not say so in the answer to the push.
  const auto listed = repository.ListReferrers(parsed->digest);
  if (listed.ok() && Lists(*listed, put.digest)) return put.digest;
  if (!listed.ok() && !absl::IsUnimplemented(listed.status())) {
    return listed.status();
  }
  const std::string tag = ReferrersTag(parsed->digest);
  RETURN_IF_ERROR(AmendManifest(
                      repository, tag,
                      [&](const std::optional<OciManifest>& now) {
                        return AddEntry(now, entry, tag);
                      },
                      pause)
                      .status());
  return put.digest;
}

}  // namespace countersign::client
