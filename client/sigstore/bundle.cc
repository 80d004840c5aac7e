#include "client/sigstore/bundle.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/openssl.h"
#include "client/sigstore/go_json.h"

namespace countersign::client {
namespace {

using base::Json;

const char* BundleHashName(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha256:
      return "SHA2_256";
    case HashAlgorithm::kSha384:
      return "SHA2_384";
    case HashAlgorithm::kSha512:
      return "SHA2_512";
  }
  return "";
}

Json Material(const SigstoreBundle& bundle) {
  if (const auto* key = std::get_if<BundleKey>(&bundle.material)) {
    return Json::Object{{"publicKey", Json::Object{{"hint", key->hint}}}};
  }
  return Json::Object{
      {"certificate",
       Json::Object{
           {"rawBytes", base::Base64Encode(bundle.certificates()[0])}}}};
}

Json Message(const MessageSignature& message) {
  return Json::Object{
      {"messageDigest",
       Json::Object{{"algorithm", BundleHashName(message.hash)},
                    {"digest", base::Base64Encode(message.digest)}}},
      {"signature", base::Base64Encode(message.signature)}};
}

Json Envelope(const DsseEnvelope& envelope) {
  return Json::Object{
      {"payload", base::Base64Encode(envelope.payload)},
      {"payloadType", envelope.payload_type},
      {"signatures", Json::Array{Json::Object{
                         {"sig", base::Base64Encode(envelope.signature)}}}}};
}

}  // namespace

const std::string& SigstoreBundle::signature() const {
  const auto* message = std::get_if<MessageSignature>(&content);
  return message != nullptr ? message->signature
                            : std::get<DsseEnvelope>(content).signature;
}

std::vector<std::string> SigstoreBundle::certificates() const {
  const auto* there = std::get_if<BundleCertificates>(&material);
  return there == nullptr ? std::vector<std::string>() : there->certificates;
}

std::string KeyHint(absl::string_view spki_der) {
  return base::Base64Encode(base::Sha256(spki_der));
}

std::string FormatBundle(const SigstoreBundle& bundle) {
  Json::Object members{{"mediaType", bundle.media_type},
                       {"verificationMaterial", Material(bundle)}};
  if (const auto* message = std::get_if<MessageSignature>(&bundle.content)) {
    members.emplace_back("messageSignature", Message(*message));
  } else {
    members.emplace_back("dsseEnvelope",
                         Envelope(std::get<DsseEnvelope>(bundle.content)));
  }
  // No escapes of HTML: none of these texts has such characters, and a JSON
  // reader would take them anyway.
  return GoJson(members);
}

}  // namespace countersign::client
