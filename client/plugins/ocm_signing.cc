#include "client/plugins/ocm_signing.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/signature_algorithm.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/pinned_key.h"
#include "client/cli/version.h"
#include "client/plugins/obtain_signature.h"

namespace countersign::client {
namespace {

constexpr size_t kMostDescription = 4096;  // of the server, in octets
constexpr char kResume[] =
    "When they have agreed, the same command again finds this request and "
    "finishes.";

absl::Status CheckKey(const PinnedKey& key, const OcmSpec& spec) {
  if (key.type != v1::RSA2048 && key.type != v1::RSA3072 &&
      key.type != v1::RSA4096) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(key.key_version,
                     " is no RSA key, and signatures of component versions are "
                     "RSA only: name another operation"),
        Because("KEY_NOT_RSA"));
  }
  if (!spec.pem || !key.chain_pem.empty()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(key.key_version,
                   " has no certificate. Write signatureEncodingPolicy: Plain "
                   "into the signer specification, name an operation of type "
                   "DetachedSignature, or set its chain with\n"
                   "  countersign key set-chain"),
      Because("CHAIN_MISSING"));
}

std::string Description(const PluginWorld& world, const OcmSignCall& call) {
  std::string text =
      call.name.empty()
          ? "component version"
          : absl::StrCat("component version, signature \"", call.name, "\"");
  for (const std::string& more :
       {call.spec.description,
        world.environment("COUNTERSIGN_DESCRIPTION").value_or("")}) {
    if (!more.empty()) text = absl::StrCat(more, "\n", text);
  }
  text.resize(std::min(text.size(), kMostDescription));
  return text.substr(0, base::ValidUtf8Prefix(text));
}

SignatureQuestion MakeQuestion(const PluginWorld& world,
                               const OcmSignCall& call, const PinnedKey& key) {
  SignatureQuestion question;
  question.how_to_resume = kResume;
  question.request.parts = {"ocm-signing-handler", key.spki_sha256};
  v1::CreateSigningRequestRequest& creation = question.request.creation;
  creation.set_parent(key.operation);
  v1::SigningRequest& content = *creation.mutable_signing_request();
  content.set_signature_algorithm(call.spec.scheme ==
                                          base::SignatureScheme::kRsaPss
                                      ? v1::RSASSA_PSS
                                      : v1::RSASSA_PKCS1_V1_5);
  content.set_hash_algorithm(ToWire(call.hash));
  content.set_encoding(call.spec.pem ? v1::PEM : v1::RAW);
  content.set_description(Description(world, call));
  auto& context = *content.mutable_context();
  for (const auto& [name, value] : call.spec.context) context[name] = value;
  context["artifact"] = "component version";
  if (!call.name.empty()) context["signature.name"] = call.name;
  context["normalisation"] = call.normalisation;
  context["program"] = absl::StrCat("ocm-signing-countersign ", kVersion);
  content.add_digests()->set_value(call.digest);
  content.mutable_digests(0)->set_label("component version");
  return question;
}

// The leaf's key is the pinned one, and the signature is by it.
absl::Status CheckDetached(const DetachedSignature& detached,
                           const OcmSignCall& call, const PinnedKey& key) {
  RETURN_IF_ERROR(VerifyRawSignature(detached.signature, call.digest, call.hash,
                                     call.spec.scheme, key.spki_der));
  if (detached.scheme != call.spec.scheme || detached.certificates.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           "the PEM text has no certificate or another "
                           "algorithm",
                           Because("SIGNATURE_INVALID"));
  }
  ASSIGN_OR_RETURN(const std::string leaf,
                   CertificateSpki(detached.certificates[0]));
  if (leaf == key.spki_der) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument,
                         "the leaf certificate is of another key",
                         Because("SIGNATURE_INVALID"));
}

absl::StatusOr<OcmSignature> MakePem(const std::string& pem,
                                     const OcmSignCall& call,
                                     const PinnedKey& key) {
  ASSIGN_OR_RETURN(const DetachedSignature detached,
                   ParseDetachedSignature(pem));
  RETURN_IF_ERROR(CheckDetached(detached, call, key));
  OcmSignature out;
  out.media_type = kMediaTypePem;
  out.value = FormatDetachedSignature(detached);
  if (!call.name.empty()) out.warnings = PemWarnings(call.name, detached);
  return out;
}

absl::StatusOr<OcmSignature> MakePlain(const std::string& octets,
                                       const OcmSignCall& call,
                                       const PinnedKey& key) {
  RETURN_IF_ERROR(VerifyRawSignature(octets, call.digest, call.hash,
                                     call.spec.scheme, key.spki_der));
  OcmSignature out;
  ASSIGN_OR_RETURN(out.media_type, PlainMediaType(call.spec.scheme));
  out.value = base::HexEncode(octets);
  if (call.spec.scheme == base::SignatureScheme::kRsaPss) {
    out.warnings.push_back(
        "the classic ocm CLI verifies no plain RSASSA-PSS signature; PEM or "
        "RSASSA-PKCS1-V1_5 it does");
  }
  return out;
}

}  // namespace

absl::StatusOr<OcmSignature> SignForOcm(const PluginWorld& world,
                                        const OcmSignCall& call) {
  if (call.spec.operation.empty()) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        "the signer specification names no operation: PRODUCT/OPERATION",
        Because("OCM_SPEC"));
  }
  ASSIGN_OR_RETURN(const auto connection,
                   ConnectToServer(world, call.spec.client_context,
                                   absl::InfiniteDuration()));
  ASSIGN_OR_RETURN(const PinnedKey key,
                   FetchKey(*connection, call.spec.operation));
  RETURN_IF_ERROR(CheckKey(key, call.spec));
  RETURN_IF_ERROR(CheckSignsNow(*connection, key, call.spec.operation));
  SignatureQuestion question = MakeQuestion(world, call, key);
  ASSIGN_OR_RETURN(question.deadline, EndOfWait(world));
  ASSIGN_OR_RETURN(const v1::SigningRequest signed_request,
                   ObtainSignature(world, *connection, question));
  const std::string& value = signed_request.signatures(0).value();
  absl::StatusOr<OcmSignature> out =
      call.spec.pem ? MakePem(value, call, key) : MakePlain(value, call, key);
  if (!out.ok()) {
    return base::Annotate(
        out.status(), absl::StrCat("the server's signature for ",
                                   signed_request.name(), " does not fit ",
                                   key.key_version, "; it was thrown away"));
  }
  out->algorithm = SignatureAlgorithmName(call.spec.scheme);
  return out;
}

}  // namespace countersign::client
