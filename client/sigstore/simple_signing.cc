#include "client/sigstore/simple_signing.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/sigstore/go_json.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr char kType[] = "cosign container image signature";
constexpr size_t kMaxAnnotations = 24;
constexpr size_t kMaxKey = 53;
constexpr size_t kMaxValue = 1024;

bool IsText(absl::string_view text) {
  return base::IsValidUtf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

absl::Status Malformed(absl::string_view key, absl::string_view why) {
  return BadInput("ANNOTATION_MALFORMED",
                  absl::StrCat("annotation ", Quoted(key), ": ", why));
}

Json Optional(const ImageAnnotations& annotations) {
  if (annotations.empty()) return Json();
  Json::Object members;
  for (const auto& [key, value] : annotations) members.emplace_back(key, value);
  return members;
}

const Json* Descend(const Json* value,
                    std::initializer_list<absl::string_view> path) {
  for (const absl::string_view key : path) {
    if (value == nullptr) return nullptr;
    value = value->Find(key);
  }
  return value;
}

}  // namespace

absl::Status CheckAnnotations(const ImageAnnotations& annotations) {
  if (annotations.size() > kMaxAnnotations) {
    return BadInput("ANNOTATION_MALFORMED",
                    absl::StrCat(annotations.size(),
                                 " annotations; at "
                                 "most ",
                                 kMaxAnnotations, " are right"));
  }
  for (const auto& [key, value] : annotations) {
    if (key.empty() || key.size() > kMaxKey || !IsText(key)) {
      return Malformed(key, absl::StrCat("its name must be text of 1 to ",
                                         kMaxKey, " octets"));
    }
    if (value.size() > kMaxValue || !IsText(value)) {
      return Malformed(key, absl::StrCat("its value must be text of one line, "
                                         "to ",
                                         kMaxValue, " octets"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FormatSimpleSigning(const SimpleSigning& content) {
  RETURN_IF_ERROR(CheckAnnotations(content.annotations));
  if (!absl::StartsWith(content.manifest_digest, "sha256:")) {
    return BadInput(
        "DIGEST_UNSUPPORTED",
        absl::StrCat("image digest ", Quoted(content.manifest_digest),
                     ": right is sha256:<64 hex digits>"));
  }
  return GoJson(Json::Object{
      {"critical",
       Json::Object{{"identity", Json::Object{{"docker-reference",
                                               content.docker_reference}}},
                    {"image", Json::Object{{"docker-manifest-digest",
                                            content.manifest_digest}}},
                    {"type", kType}}},
      {"optional", Optional(content.annotations)}});
}

absl::StatusOr<SimpleSigning> ParseSimpleSigning(absl::string_view payload) {
  const auto json = base::ParseJson(payload);
  if (!json.ok()) {
    return BadInput("PAYLOAD_UNREADABLE",
                    absl::StrCat("the signed payload is no JSON: ",
                                 json.status().message()));
  }
  const Json* digest =
      Descend(&*json, {"critical", "image", "docker-manifest-digest"});
  if (digest == nullptr || !digest->is_string()) {
    return BadInput("PAYLOAD_UNREADABLE",
                    "the signed payload names no "
                    "critical.image.docker-manifest-digest");
  }
  SimpleSigning content;
  content.manifest_digest = digest->string();
  const Json* reference =
      Descend(&*json, {"critical", "identity", "docker-reference"});
  if (reference != nullptr && reference->is_string()) {
    content.docker_reference = reference->string();
  }
  const Json* optional = json->Find("optional");
  if (optional != nullptr && optional->is_object()) {
    for (const auto& [key, value] : optional->object()) {
      if (value.is_string()) content.annotations[key] = value.string();
    }
  }
  return content;
}

}  // namespace countersign::client
