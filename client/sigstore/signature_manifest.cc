#include "client/sigstore/signature_manifest.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/sigstore/go_json.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr char kUnreadable[] = "SIGNATURE_MANIFEST_UNREADABLE";
constexpr char kSignature[] = "dev.cosignproject.cosign/signature";
constexpr char kCertificate[] = "dev.sigstore.cosign/certificate";
constexpr char kChain[] = "dev.sigstore.cosign/chain";
constexpr char kConfigMediaType[] = "application/vnd.oci.image.config.v1+json";
// Go's zero time, which cosign writes.
constexpr char kNoTime[] = "0001-01-01T00:00:00Z";
constexpr size_t kMaxLayers = 1000;

std::string Text(const Json* object, absl::string_view key) {
  const Json* value = object == nullptr ? nullptr : object->Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

uint64_t Size(const Json& descriptor) {
  const Json* value = descriptor.Find("size");
  if (value == nullptr || !value->is_number()) return 0;
  const double size = value->number();
  return size >= 0 && size < 1e15 ? static_cast<uint64_t>(size) : 0;
}

absl::StatusOr<Json> ReadManifest(absl::string_view text) {
  auto json = base::ParseJson(text);
  if (!json.ok()) {
    return BadInput(kUnreadable,
                    absl::StrCat("the manifest of the stored signatures "
                                 "is no JSON: ",
                                 json.status().message()));
  }
  const Json* layers = json->Find("layers");
  if (layers != nullptr && layers->is_array() &&
      !Text(json->Find("config"), "digest").empty()) {
    return *std::move(json);
  }
  return BadInput(kUnreadable,
                  "the manifest of the stored signatures has no layers or "
                  "no configuration");
}

Json EmptyConfig() {
  return Json::Object{
      {"architecture", ""},
      {"created", kNoTime},
      {"history", Json::Array{}},
      {"os", ""},
      {"rootfs", Json::Object{{"type", "layers"}, {"diff_ids", Json::Array{}}}},
      {"config", Json::Object{}}};
}

// Annotations sorted, as Go writes maps.
Json LayerDescriptor(const SignatureLayer& layer) {
  Json::Object annotations{{kSignature, layer.signature}};
  if (!layer.certificate_pem.empty()) {
    annotations.emplace_back(kCertificate, layer.certificate_pem);
  }
  if (!layer.chain_pem.empty())
    annotations.emplace_back(kChain, layer.chain_pem);
  return Json::Object{{"mediaType", kSimpleSigningMediaType},
                      {"size", layer.payload_size},
                      {"digest", layer.payload_digest},
                      {"annotations", std::move(annotations)}};
}

}  // namespace

std::string SignatureTag(absl::string_view image_digest) {
  return absl::StrCat(absl::StrReplaceAll(image_digest, {{":", "-"}}), ".sig");
}

SignatureManifest::SignatureManifest()
    : manifest_(Json::Object{
          {"schemaVersion", 2},
          {"mediaType", kImageManifestMediaType},
          {"config",
           Json::Object{
               {"mediaType", kConfigMediaType}, {"size", 0}, {"digest", ""}}},
          {"layers", Json::Array{}}}) {
  SetConfig(EmptyConfig());
}

absl::StatusOr<SignatureManifest> SignatureManifest::Parse(
    absl::string_view manifest, absl::string_view config) {
  ASSIGN_OR_RETURN(Json read, ReadManifest(manifest));
  return SignatureManifest(std::move(read), std::string(config));
}

absl::StatusOr<std::string> SignatureManifest::ConfigDigest(
    absl::string_view manifest) {
  ASSIGN_OR_RETURN(const Json read, ReadManifest(manifest));
  return Text(read.Find("config"), "digest");
}

std::vector<SignatureLayer> SignatureManifest::layers() const {
  std::vector<SignatureLayer> result;
  for (const Json& layer : manifest_.Find("layers")->array()) {
    if (Text(&layer, "mediaType") != kSimpleSigningMediaType) continue;
    const Json* annotations = layer.Find("annotations");
    SignatureLayer found{
        Text(&layer, "digest"), Size(layer), Text(annotations, kSignature),
        Text(annotations, kCertificate), Text(annotations, kChain)};
    if (!found.signature.empty()) result.push_back(std::move(found));
  }
  return result;
}

bool SignatureManifest::Holds(const SignatureLayer& layer) const {
  for (const SignatureLayer& there : layers()) {
    if (there.payload_digest == layer.payload_digest &&
        there.signature == layer.signature) {
      return true;
    }
  }
  return false;
}

absl::Status SignatureManifest::Append(const SignatureLayer& layer) {
  Json::Array& layers = manifest_.Find("layers")->array();
  if (layers.size() >= kMaxLayers) {
    return BadInput("TOO_MANY_SIGNATURES",
                    absl::StrCat("the image has ", layers.size(),
                                 " signatures, and cosign reads no more "
                                 "than that"));
  }
  layers.push_back(LayerDescriptor(layer));
  auto config = base::ParseJson(config_);
  Json* rootfs = config.ok() ? config->Find("rootfs") : nullptr;
  Json* diff_ids = rootfs == nullptr ? nullptr : rootfs->Find("diff_ids");
  if (diff_ids == nullptr || !diff_ids->is_array()) return absl::OkStatus();
  diff_ids->array().push_back(layer.payload_digest);
  Json* history = config->Find("history");
  if (history != nullptr && history->is_array()) {
    history->array().push_back(Json::Object{{"created", kNoTime}});
  }
  SetConfig(*config);
  return absl::OkStatus();
}

void SignatureManifest::SetConfig(const Json& config) {
  config_ = GoJson(config);
  Json* descriptor = manifest_.Find("config");
  descriptor->Set("size", uint64_t{config_.size()});
  descriptor->Set("digest", absl::StrCat("sha256:", base::Sha256Hex(config_)));
}

std::string SignatureManifest::Manifest() const { return GoJson(manifest_); }

}  // namespace countersign::client
