#include "client/sigstore/image_target.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_json.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr int kMaxDepth = 4;
constexpr size_t kMaxImages = 500;

std::string Text(const Json* object, absl::string_view key) {
  const Json* value = object == nullptr ? nullptr : object->Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

std::string PlatformOf(const Json& entry) {
  const Json* platform = entry.Find("platform");
  std::string text = Text(platform, "os");
  for (const char* part : {"architecture", "variant"}) {
    const std::string value = Text(platform, part);
    if (!value.empty()) absl::StrAppend(&text, "/", value);
  }
  return text;
}

absl::Status TooLarge(absl::string_view what) {
  return BadInput(
      "INDEX_TOO_LARGE",
      absl::StrCat("the index ", what, "; sign its images one by one"));
}

// Appends what the index `digest` lists.
absl::Status AddListed(OciRepository& repository, const std::string& digest,
                       int depth, std::set<std::string>& seen,
                       std::vector<ImageTarget>& out) {
  if (depth > kMaxDepth) {
    return TooLarge(absl::StrCat("is nested deeper than ", kMaxDepth));
  }
  ASSIGN_OR_RETURN(const OciManifest manifest, repository.GetManifest(digest));
  ASSIGN_OR_RETURN(const std::vector<OciDescriptor> listed,
                   ParseIndex(manifest.bytes));
  ASSIGN_OR_RETURN(const Json json, ParseManifestJson(manifest.bytes));
  const Json::Array& entries = json.Find("manifests")->array();
  for (size_t i = 0; i < listed.size(); ++i) {
    if (!seen.insert(listed[i].digest).second) continue;
    if (out.size() >= kMaxImages) {
      return TooLarge(absl::StrCat("lists more than ", kMaxImages, " images"));
    }
    out.push_back({listed[i], PlatformOf(entries[i])});
    if (IsIndexType(listed[i].media_type)) {
      RETURN_IF_ERROR(
          AddListed(repository, listed[i].digest, depth + 1, seen, out));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageTarget> ResolveImage(OciRepository& repository,
                                         const ImageReference& reference) {
  const std::string& name =
      reference.digest.empty() ? reference.tag : reference.digest;
  if (name.empty()) {
    return BadInput(
        "REFERENCE_INVALID",
        absl::StrCat(Quoted(reference.Format()), " names no image; right is ",
                     reference.Name(), "@sha256:<64 hex digits>"));
  }
  if (!reference.digest.empty() &&
      !absl::StartsWith(reference.digest, "sha256:")) {
    return BadInput("DIGEST_UNSUPPORTED",
                    absl::StrCat(Quoted(reference.digest),
                                 ": verifiers look for images by sha256"));
  }
  ASSIGN_OR_RETURN(const OciManifest manifest, repository.GetManifest(name));
  ImageTarget target;
  target.descriptor.media_type = manifest.media_type;
  target.descriptor.digest = manifest.digest;
  target.descriptor.size = manifest.bytes.size();
  return target;
}

absl::Status TagRefused(const ImageReference& reference,
                        const ImageTarget& target) {
  ImageReference exact = reference;
  exact.digest = target.descriptor.digest;
  return BadInput(
      "TAG_REFUSED",
      absl::StrCat("tag \"", reference.tag,
                   "\" may name another image tomorrow, a signature is of one "
                   "image. It names this one now:\n  ",
                   exact.Format(),
                   "\nGive that, or --allow-tag to sign what the tag names"));
}

absl::StatusOr<std::vector<ImageTarget>> WithListedImages(
    OciRepository& repository, const ImageTarget& target) {
  std::vector<ImageTarget> images{target};
  if (!IsIndexType(target.descriptor.media_type)) return images;
  std::set<std::string> seen{target.descriptor.digest};
  RETURN_IF_ERROR(
      AddListed(repository, target.descriptor.digest, 1, seen, images));
  return images;
}

}  // namespace countersign::client
