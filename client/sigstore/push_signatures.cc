#include "client/sigstore/push_signatures.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/sigstore/amend_tag.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/go_json.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr size_t kMaxConfig = 4 << 20;

// The signatures that are stored now, ours among them afterwards.
absl::StatusOr<SignatureManifest> Stored(
    OciRepository& repository, const std::optional<OciManifest>& there) {
  if (!there.has_value()) return SignatureManifest();
  ASSIGN_OR_RETURN(const std::string digest,
                   SignatureManifest::ConfigDigest(there->bytes));
  ASSIGN_OR_RETURN(const std::string config,
                   repository.GetBlob(digest, kMaxConfig));
  return SignatureManifest::Parse(there->bytes, config);
}

// The fallback index (OCI Distribution Specification 1.1, "Referrers Tag
// Schema") with `referrer` in it; nullopt where it is.
absl::StatusOr<std::optional<std::string>> WithReferrer(
    const std::optional<OciManifest>& there, const OciDescriptor& referrer) {
  Json index = Json::Object{{"schemaVersion", 2},
                            {"mediaType", kOciIndexType},
                            {"manifests", Json::Array{}}};
  if (there.has_value()) {
    ASSIGN_OR_RETURN(const std::vector<OciDescriptor> listed,
                     ParseIndex(there->bytes));
    for (const OciDescriptor& one : listed) {
      if (one.digest == referrer.digest) return {std::nullopt};
    }
    ASSIGN_OR_RETURN(index, ParseManifestJson(there->bytes));
  }
  index.Find("manifests")->array().push_back(OciDescriptorJson(referrer));
  return {GoJson(index)};
}

// Members in cosign's order.
std::string ReferrerManifest(const BundleReferrer& referrer) {
  Json::Object config{{"mediaType", kOciEmptyType},
                      {"size", uint64_t{kOciEmptyBytes.size()}},
                      {"digest", kOciEmptyDigest},
                      {"artifactType", kBundleMediaType}};
  Json::Object layer{{"mediaType", kBundleMediaType},
                     {"size", uint64_t{referrer.bundle.size()}},
                     {"digest", OciDigestOf(referrer.bundle)}};
  Json::Object annotations{
      {"dev.sigstore.bundle.content", "dsse-envelope"},
      {"dev.sigstore.bundle.predicateType", referrer.predicate_type},
      {"org.opencontainers.image.created",
       absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", referrer.created,
                        absl::UTCTimeZone())}};
  Json::Object subject{{"mediaType", referrer.subject.media_type},
                       {"size", referrer.subject.size},
                       {"digest", referrer.subject.digest}};
  return GoJson(Json::Object{{"schemaVersion", 2},
                             {"mediaType", kOciManifestType},
                             {"config", std::move(config)},
                             {"layers", Json::Array{std::move(layer)}},
                             {"annotations", std::move(annotations)},
                             {"subject", std::move(subject)},
                             {"artifactType", kBundleMediaType}});
}

std::string FallbackTag(const std::string& digest) {
  return absl::StrReplaceAll(digest, {{":", "-"}});
}

}  // namespace

absl::StatusOr<Pushed> PushSimpleSignature(OciRepository& repository,
                                           const std::string& image_digest,
                                           const SignatureLayer& layer,
                                           const std::string& payload) {
  const TagEdit append = [&](const std::optional<OciManifest>& there)
      -> absl::StatusOr<std::optional<std::string>> {
    ASSIGN_OR_RETURN(SignatureManifest stored, Stored(repository, there));
    if (stored.Holds(layer)) return {std::nullopt};
    RETURN_IF_ERROR(stored.Append(layer));
    RETURN_IF_ERROR(repository.PutBlob(layer.payload_digest, payload));
    RETURN_IF_ERROR(
        repository.PutBlob(OciDigestOf(stored.Config()), stored.Config()));
    return {stored.Manifest()};
  };
  ASSIGN_OR_RETURN(const bool changed,
                   AmendTag(repository, SignatureTag(image_digest),
                            std::string(kOciManifestType), append));
  return changed ? Pushed::kAdded : Pushed::kWasThere;
}

absl::StatusOr<std::string> PushBundle(OciRepository& repository,
                                       const BundleReferrer& referrer) {
  const std::string manifest = ReferrerManifest(referrer);
  RETURN_IF_ERROR(
      repository.PutBlob(std::string(kOciEmptyDigest), kOciEmptyBytes));
  RETURN_IF_ERROR(
      repository.PutBlob(OciDigestOf(referrer.bundle), referrer.bundle));
  OciDescriptor descriptor;
  descriptor.media_type = std::string(kOciManifestType);
  descriptor.digest = OciDigestOf(manifest);
  descriptor.size = manifest.size();
  descriptor.artifact_type = kBundleMediaType;
  ASSIGN_OR_RETURN(const OciRepository::PutResult put,
                   repository.PutManifest(descriptor.digest,
                                          descriptor.media_type, manifest));
  if (put.keeps_referrers) return descriptor.digest;
  RETURN_IF_ERROR(AmendTag(repository, FallbackTag(referrer.subject.digest),
                           std::string(kOciIndexType),
                           [&](const std::optional<OciManifest>& there) {
                             return WithReferrer(there, descriptor);
                           })
                      .status());
  return descriptor.digest;
}

}  // namespace countersign::client
