#include "client/sigstore/push_signatures.h"

#include <optional>
#include <utility>

#include "base/json.h"
#include "base/status_macros.h"
#include "client/oci/amend_manifest.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/referrers.h"
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

}  // namespace

absl::StatusOr<Pushed> PushSimpleSignature(OciRepository& repository,
                                           const std::string& image_digest,
                                           const SignatureLayer& layer,
                                           const std::string& payload,
                                           const RetryPause& pause) {
  Pushed pushed = Pushed::kWasThere;
  const ManifestEdit append = [&](const std::optional<OciManifest>& now)
      -> absl::StatusOr<std::optional<NewManifest>> {
    ASSIGN_OR_RETURN(SignatureManifest stored, Stored(repository, now));
    if (stored.Holds(layer)) return {std::nullopt};
    pushed = Pushed::kAdded;
    RETURN_IF_ERROR(stored.Append(layer));
    RETURN_IF_ERROR(repository.PutBlob(layer.payload_digest, payload));
    RETURN_IF_ERROR(
        repository.PutBlob(OciDigestOf(stored.Config()), stored.Config()));
    return {NewManifest{std::string(kOciManifestType), stored.Manifest()}};
  };
  RETURN_IF_ERROR(
      AmendManifest(repository, SignatureTag(image_digest), append, pause)
          .status());
  return pushed;
}

absl::StatusOr<std::string> PushBundle(OciRepository& repository,
                                       const BundleReferrer& referrer,
                                       const RetryPause& pause) {
  RETURN_IF_ERROR(
      repository.PutBlob(std::string(kOciEmptyDigest), kOciEmptyBytes));
  RETURN_IF_ERROR(
      repository.PutBlob(OciDigestOf(referrer.bundle), referrer.bundle));
  return AttachReferrer(repository, ReferrerManifest(referrer), pause);
}

}  // namespace countersign::client
