// ParseBundle of bundle.h: the proto3 JSON mapping, as strict and as lenient as
// the released verifiers.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/sigstore/bundle.h"

namespace countersign::client {
namespace {

using base::Json;

absl::Status Unreadable(absl::string_view why) {
  return BadInput("BUNDLE_UNREADABLE",
                  absl::StrCat("the sigstore bundle cannot be read: ", why));
}

// An object with none but these members.
absl::Status CheckMembers(const Json& value, absl::string_view path,
                          std::initializer_list<absl::string_view> known) {
  if (!value.is_object()) {
    return Unreadable(absl::StrCat(path, " is no object"));
  }
  for (const auto& member : value.object()) {
    if (std::find(known.begin(), known.end(), member.first) == known.end()) {
      return Unreadable(
          absl::StrCat(path, " has an unknown member ", Quoted(member.first)));
    }
  }
  return absl::OkStatus();
}

// Standard or URL-safe base64, padded or not, as the mapping allows.
absl::StatusOr<std::string> Octets(const Json& object, absl::string_view key,
                                   absl::string_view path) {
  const Json* value = object.Find(key);
  if (value == nullptr || !value->is_string() || value->string().empty()) {
    return Unreadable(absl::StrCat(path, ".", key, " is missing"));
  }
  std::string text =
      absl::StrReplaceAll(value->string(), {{"-", "+"}, {"_", "/"}});
  while (text.size() % 4 != 0) text.push_back('=');
  auto octets = base::Base64Decode(text);
  if (octets.ok()) return octets;
  return Unreadable(absl::StrCat(path, ".", key, " is no base64"));
}

std::string Text(const Json& object, absl::string_view key) {
  const Json* value = object.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

absl::StatusOr<std::string> Certificate(const Json& value,
                                        absl::string_view path) {
  RETURN_IF_ERROR(CheckMembers(value, path, {"rawBytes"}));
  ASSIGN_OR_RETURN(std::string der, Octets(value, "rawBytes", path));
  if (base::ParseCertificateDer(der).ok()) return der;
  return Unreadable(absl::StrCat(path, ".rawBytes is no certificate"));
}

absl::StatusOr<BundleCertificates> Chain(const Json& value) {
  constexpr char kPath[] = "verificationMaterial.x509CertificateChain";
  RETURN_IF_ERROR(CheckMembers(value, kPath, {"certificates"}));
  const Json* list = value.Find("certificates");
  BundleCertificates result;
  if (list != nullptr && list->is_array()) {
    for (const Json& one : list->array()) {
      ASSIGN_OR_RETURN(std::string der,
                       Certificate(one, absl::StrCat(kPath, ".certificates")));
      result.certificates.push_back(std::move(der));
    }
  }
  if (!result.certificates.empty()) return result;
  return Unreadable(absl::StrCat(kPath, " is empty"));
}

absl::Status ReadMaterial(const Json& value, SigstoreBundle& out) {
  constexpr char kPath[] = "verificationMaterial";
  RETURN_IF_ERROR(
      CheckMembers(value, kPath,
                   {"publicKey", "certificate", "x509CertificateChain",
                    "tlogEntries", "timestampVerificationData"}));
  out.has_timestamp = value.Find("timestampVerificationData") != nullptr;
  int found = 0;
  if (const Json* key = value.Find("publicKey")) {
    ++found;
    RETURN_IF_ERROR(CheckMembers(*key, "publicKey", {"hint"}));
    out.material = BundleKey{Text(*key, "hint")};
  }
  if (const Json* leaf = value.Find("certificate")) {
    ++found;
    ASSIGN_OR_RETURN(std::string der, Certificate(*leaf, "certificate"));
    out.material = BundleCertificates{{std::move(der)}};
  }
  if (const Json* chain = value.Find("x509CertificateChain")) {
    ++found;
    if (absl::StrContains(out.media_type, "v0.3")) {
      return Unreadable(
          "a chain in a v0.3 bundle, which has the leaf alone (certificate)");
    }
    ASSIGN_OR_RETURN(out.material, Chain(*chain));
  }
  if (found == 1) return absl::OkStatus();
  return Unreadable(
      "verificationMaterial needs one of publicKey and certificate");
}

absl::StatusOr<HashAlgorithm> ReadHash(const Json* value) {
  constexpr std::pair<const char*, HashAlgorithm> kHashes[] = {
      {"SHA2_256", HashAlgorithm::kSha256},
      {"SHA2_384", HashAlgorithm::kSha384},
      {"SHA2_512", HashAlgorithm::kSha512}};
  int number = 0;
  for (const auto& [name, hash] : kHashes) {
    ++number;  // of the enum, which the mapping allows too
    if (value == nullptr) break;
    if (value->is_string() ? value->string() == name
                           : value->is_number() && value->number() == number) {
      return hash;
    }
  }
  return Unreadable("messageDigest.algorithm is none of SHA2_256, _384, _512");
}

absl::StatusOr<MessageSignature> ReadMessage(const Json& value) {
  constexpr char kPath[] = "messageSignature";
  RETURN_IF_ERROR(CheckMembers(value, kPath, {"messageDigest", "signature"}));
  const Json* digest = value.Find("messageDigest");
  if (digest == nullptr) return Unreadable("no messageDigest");
  RETURN_IF_ERROR(
      CheckMembers(*digest, "messageDigest", {"algorithm", "digest"}));
  MessageSignature message;
  ASSIGN_OR_RETURN(message.hash, ReadHash(digest->Find("algorithm")));
  ASSIGN_OR_RETURN(message.digest, Octets(*digest, "digest", "messageDigest"));
  if (message.digest.size() != HashSize(message.hash)) {
    return Unreadable("messageDigest.digest has not the algorithm's length");
  }
  ASSIGN_OR_RETURN(message.signature, Octets(value, "signature", kPath));
  return message;
}

absl::StatusOr<DsseEnvelope> ReadEnvelope(const Json& value) {
  constexpr char kPath[] = "dsseEnvelope";
  RETURN_IF_ERROR(
      CheckMembers(value, kPath, {"payload", "payloadType", "signatures"}));
  DsseEnvelope envelope;
  ASSIGN_OR_RETURN(envelope.payload, Octets(value, "payload", kPath));
  envelope.payload_type = Text(value, "payloadType");
  const Json* signatures = value.Find("signatures");
  if (signatures == nullptr || !signatures->is_array() ||
      signatures->array().size() != 1) {
    return Unreadable("dsseEnvelope must have exactly one signature");
  }
  const Json& signature = signatures->array()[0];
  RETURN_IF_ERROR(CheckMembers(signature, "signature", {"sig", "keyid"}));
  ASSIGN_OR_RETURN(envelope.signature, Octets(signature, "sig", "signature"));
  return envelope;
}

// {"base64Signature", "cert", "rekorBundle"}: cosign 2 without
// --new-bundle-format. "cert" is base64 of PEM, of a certificate or of a key.
absl::StatusOr<SigstoreBundle> ReadOldForm(const Json& value) {
  RETURN_IF_ERROR(CheckMembers(value, "the bundle",
                               {"base64Signature", "cert", "rekorBundle"}));
  SigstoreBundle bundle;
  bundle.media_type.clear();
  MessageSignature message;
  ASSIGN_OR_RETURN(message.signature,
                   Octets(value, "base64Signature", "the bundle"));
  bundle.content = std::move(message);
  if (Text(value, "cert").empty()) return bundle;
  ASSIGN_OR_RETURN(const std::string pem, Octets(value, "cert", "the bundle"));
  const auto blocks = base::ParsePem(pem);
  if (!blocks.ok()) return Unreadable("cert is no PEM");
  BundleCertificates certificates;
  for (const base::PemBlock& block : *blocks) {
    if (block.label == "CERTIFICATE" &&
        base::ParseCertificateDer(block.contents).ok()) {
      certificates.certificates.push_back(block.contents);
    }
  }
  if (!certificates.certificates.empty()) {
    bundle.material = std::move(certificates);
  }
  return bundle;
}

}  // namespace

absl::StatusOr<SigstoreBundle> ParseBundle(absl::string_view text) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxBundleBytes;
  const auto json = base::ParseJson(text, limits);
  if (!json.ok()) return Unreadable(json.status().message());
  if (json->Find("base64Signature") != nullptr) return ReadOldForm(*json);
  RETURN_IF_ERROR(CheckMembers(*json, "the bundle",
                               {"mediaType", "verificationMaterial",
                                "messageSignature", "dsseEnvelope"}));
  SigstoreBundle bundle;
  bundle.media_type = Text(*json, "mediaType");
  if (!absl::StartsWith(bundle.media_type, kBundleMediaTypePrefix)) {
    return Unreadable(absl::StrCat("mediaType is ", Quoted(bundle.media_type)));
  }
  const Json* material = json->Find("verificationMaterial");
  if (material == nullptr) return Unreadable("no verificationMaterial");
  RETURN_IF_ERROR(ReadMaterial(*material, bundle));
  const Json* message = json->Find("messageSignature");
  const Json* envelope = json->Find("dsseEnvelope");
  if ((message == nullptr) == (envelope == nullptr)) {
    return Unreadable("it needs one of messageSignature and dsseEnvelope");
  }
  if (message != nullptr) {
    ASSIGN_OR_RETURN(bundle.content, ReadMessage(*message));
  } else {
    ASSIGN_OR_RETURN(bundle.content, ReadEnvelope(*envelope));
  }
  return bundle;
}

}  // namespace countersign::client
