#include "client/sigstore/stored_signatures.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/oci/oci_json.h"
#include "client/oci/referrers.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxPayload = 1 << 20;
constexpr size_t kMaxConfig = 4 << 20;
constexpr size_t kMaxReferrers = 1000;

bool IsBundleType(absl::string_view type) {
  return absl::StartsWith(type, kBundleMediaTypePrefix);
}

absl::StatusOr<std::vector<OciDescriptor>> Referrers(
    OciRepository& repository, const std::string& image_digest) {
  ASSIGN_OR_RETURN(std::vector<OciDescriptor> all,
                   ReadReferrers(repository, image_digest));
  if (all.size() <= kMaxReferrers) return all;
  return BadInput(
      "TOO_MANY_REFERRERS",
      absl::StrCat("the image has ", all.size(), " referrers; at most ",
                   kMaxReferrers, " are looked at"));
}

// The digest of the bundle in that manifest; empty where it holds none. Entries
// of an index may not say what they are, so each manifest is looked into.
absl::StatusOr<std::string> BundleBlob(OciRepository& repository,
                                       const OciDescriptor& referrer) {
  ASSIGN_OR_RETURN(const OciManifest manifest,
                   repository.GetManifest(referrer.digest));
  ASSIGN_OR_RETURN(const base::Json json, ParseManifestJson(manifest.bytes));
  const base::Json* layers = json.Find("layers");
  if (layers == nullptr || !layers->is_array()) return std::string();
  for (const base::Json& layer : layers->array()) {
    const auto descriptor = ParseOciDescriptor(layer);
    if (descriptor.ok() && IsBundleType(descriptor->media_type)) {
      return descriptor->digest;
    }
  }
  return std::string();
}

// Of another kind by its own word.
bool IsOther(const OciDescriptor& referrer) {
  return !referrer.artifact_type.empty() &&
         !IsBundleType(referrer.artifact_type);
}

}  // namespace

absl::StatusOr<std::vector<StoredSignature>> ReadSimpleSignatures(
    OciRepository& repository, const std::string& image_digest) {
  const auto manifest = repository.GetManifest(SignatureTag(image_digest));
  if (absl::IsNotFound(manifest.status())) {
    return std::vector<StoredSignature>();
  }
  if (!manifest.ok()) return manifest.status();
  ASSIGN_OR_RETURN(const std::string config_digest,
                   SignatureManifest::ConfigDigest(manifest->bytes));
  ASSIGN_OR_RETURN(const std::string config,
                   repository.GetBlob(config_digest, kMaxConfig));
  ASSIGN_OR_RETURN(const SignatureManifest stored,
                   SignatureManifest::Parse(manifest->bytes, config));
  std::vector<StoredSignature> result;
  for (SignatureLayer& layer : stored.layers()) {
    auto payload = repository.GetBlob(layer.payload_digest, kMaxPayload);
    result.push_back({std::move(layer), std::move(payload)});
  }
  return result;
}

absl::StatusOr<std::vector<StoredBundle>> ReadBundles(
    OciRepository& repository, const std::string& image_digest) {
  ASSIGN_OR_RETURN(const std::vector<OciDescriptor> referrers,
                   Referrers(repository, image_digest));
  std::vector<StoredBundle> result;
  for (const OciDescriptor& referrer : referrers) {
    if (IsOther(referrer)) continue;
    const auto blob = BundleBlob(repository, referrer);
    if (blob.ok() && blob->empty()) continue;
    result.push_back(
        {referrer.digest, blob.ok() ? repository.GetBlob(*blob, kMaxBundleBytes)
                                    : blob.status()});
  }
  return result;
}

absl::StatusOr<bool> HasBundles(OciRepository& repository,
                                const std::string& image_digest) {
  ASSIGN_OR_RETURN(const std::vector<OciDescriptor> referrers,
                   Referrers(repository, image_digest));
  for (const OciDescriptor& referrer : referrers) {
    if (IsOther(referrer)) continue;
    if (IsBundleType(referrer.artifact_type)) return true;
    const auto blob = BundleBlob(repository, referrer);
    if (blob.ok() && !blob->empty()) return true;
  }
  return false;
}

}  // namespace countersign::client
