#include "client/plugins/kms_methods.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/signature_verifier.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/public_key.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/pinned_key.h"
#include "client/cli/resource_names.h"
#include "client/cli/version.h"
#include "client/plugins/kms_message.h"
#include "client/plugins/obtain_signature.h"
#include "client/plugins/payload_description.h"

namespace countersign::client {
namespace {

// cosign 2 kills the plugin at its deadline, cosign 3 throws a late signature
// away: what is to be said has to be said before.
constexpr absl::Duration kMargin = absl::Seconds(5);
// Octets of COUNTERSIGN_DESCRIPTION.
constexpr size_t kMostSaid = 1000;
constexpr char kResume[] =
    "When they have agreed, the same command again finds this request and "
    "finishes.\nTo wait longer next time, give cosign --timeout 2h.";

base::Json One(const char* member, base::Json value) {
  return base::Json::Object{{member, std::move(value)}};
}

// nullopt-like: infinite where the caller has no deadline.
absl::StatusOr<absl::Duration> TimeLeft(const PluginWorld& world,
                                        const KmsRequest& request) {
  const absl::Duration left = request.deadline - kMargin - world.clock.Now();
  if (left > absl::ZeroDuration()) return left;
  return base::MakeError(
      absl::StatusCode::kDeadlineExceeded,
      absl::StrCat("the caller's deadline is over or nearer than ",
                   absl::FormatDuration(kMargin),
                   ": nothing was asked. Give cosign --timeout 10m (0 does not "
                   "mean for ever, but at once)"),
      Because("DEADLINE_TOO_NEAR"));
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const PluginWorld& world,
                                                    const KmsRequest& request) {
  ASSIGN_OR_RETURN(const absl::Duration left, TimeLeft(world, request));
  return ConnectToServer(world, "", left);
}

absl::StatusOr<base::SignatureScheme> SchemeOf(const PinnedKey& key) {
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme,
                   DefaultScheme(key.spki_der));
  if (scheme == base::SignatureScheme::kRsaPkcs1 ||
      scheme == base::SignatureScheme::kEcdsa) {
    return scheme;
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(key.key_version,
                   " signs with Ed25519 or is bound to RSASSA-PSS, which "
                   "cosign does not verify: take an operation with an ECDSA "
                   "P-256 or RSA key"),
      Because("SIGNATURE_NOT_VERIFIABLE"));
}

absl::StatusOr<base::Json> PublicKey(const PluginWorld& world,
                                     const KmsRequest& request) {
  ASSIGN_OR_RETURN(const auto connection, Connect(world, request));
  ASSIGN_OR_RETURN(const PinnedKey key,
                   FetchKey(*connection, request.key_reference));
  return One("publicKey", One("publicKeyPEM", base::Base64Encode(key.pem)));
}

// What the pipeline says of itself comes before what the octets say: cosign 3
// signs an image's digest without its name.
std::string Describe(const PluginWorld& world, const std::string& payload) {
  const std::string said =
      world.environment("COUNTERSIGN_DESCRIPTION").value_or("");
  if (said.empty()) return payload;
  const std::string cut = said.substr(0, kMostSaid);
  return absl::StrCat(cut.substr(0, base::ValidUtf8Prefix(cut)), "\n", payload);
}

SignatureQuestion MakeQuestion(const PluginWorld& world, const PinnedKey& key,
                               base::SignatureScheme scheme, HashAlgorithm hash,
                               const KmsMessage& message) {
  SignatureQuestion question;
  question.how_to_resume = kResume;
  question.request.parts = {"sigstore-kms", key.spki_sha256};
  v1::CreateSigningRequestRequest& creation = question.request.creation;
  creation.set_parent(key.operation);
  v1::SigningRequest& content = *creation.mutable_signing_request();
  const bool ecdsa = scheme == base::SignatureScheme::kEcdsa;
  content.set_signature_algorithm(ecdsa ? v1::ECDSA : v1::RSASSA_PKCS1_V1_5);
  if (ecdsa) content.set_ecdsa_form(v1::DER);
  content.set_hash_algorithm(ToWire(hash));
  content.set_encoding(v1::RAW);
  const PayloadDescription about = DescribePayload(message.kept, message.size);
  content.set_description(Describe(world, about.description));
  for (const auto& [name, value] : about.context) {
    (*content.mutable_context())[name] = value;
  }
  (*content.mutable_context())["program"] =
      absl::StrCat("sigstore-kms-countersign ", kVersion);
  content.add_digests()->set_value(message.digest);
  content.mutable_digests(0)->set_label(about.label);
  return question;
}

absl::StatusOr<base::Json> SignMessage(const PluginWorld& world,
                                       const KmsRequest& request,
                                       std::istream& in) {
  ASSIGN_OR_RETURN(const HashAlgorithm hash, HashOf(request));
  ASSIGN_OR_RETURN(const auto connection, Connect(world, request));
  ASSIGN_OR_RETURN(const PinnedKey key,
                   FetchKey(*connection, request.key_reference));
  RETURN_IF_ERROR(CheckVerifiable(key.type, hash));
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme, SchemeOf(key));
  RETURN_IF_ERROR(CheckSignsNow(*connection, key, request.key_reference));
  ASSIGN_OR_RETURN(const KmsMessage message,
                   ReadMessage(in, hash, request.digest));
  SignatureQuestion question = MakeQuestion(world, key, scheme, hash, message);
  ASSIGN_OR_RETURN(const absl::Time end, EndOfWait(world));
  question.deadline = std::min(request.deadline - kMargin, end);
  ASSIGN_OR_RETURN(const v1::SigningRequest signed_request,
                   ObtainSignature(world, *connection, question));
  const std::string& signature = signed_request.signatures(0).value();
  const absl::Status good =
      VerifyRawSignature(signature, message.digest, hash, scheme, key.spki_der);
  if (!good.ok()) {
    return base::Annotate(
        good, absl::StrCat("the server's signature for ", signed_request.name(),
                           " does not fit ", key.key_version,
                           "; it was thrown away"));
  }
  return One("signMessage", One("signature", base::Base64Encode(signature)));
}

// Which older or newer key of the operation made the signature: people who
// verify after a rotation should name that one. Empty where none did.
std::string KeyThatFits(Connection& connection, const PinnedKey& key,
                        const KmsRequest& request, absl::string_view digest,
                        HashAlgorithm hash) {
  const auto versions = KeyClient(connection).List(key.operation);
  if (!versions.ok()) return "";
  for (const v1::KeyVersion& version : *versions) {
    const auto spki = ReadPublicKey(version.public_key_pem());
    if (!spki.ok() || *spki == key.spki_der) continue;
    const auto scheme = DefaultScheme(*spki);
    if (scheme.ok() &&
        VerifyRawSignature(request.signature, digest, hash, *scheme, *spki)
            .ok()) {
      return version.name();
    }
  }
  return "";
}

absl::StatusOr<base::Json> VerifySignature(const PluginWorld& world,
                                           const KmsRequest& request,
                                           std::istream& in) {
  ASSIGN_OR_RETURN(const HashAlgorithm hash, HashOf(request));
  ASSIGN_OR_RETURN(const KmsMessage message,
                   ReadMessage(in, hash, request.digest));
  ASSIGN_OR_RETURN(const auto connection, Connect(world, request));
  ASSIGN_OR_RETURN(const PinnedKey key,
                   FetchKey(*connection, request.key_reference));
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme, SchemeOf(key));
  const absl::Status good = VerifyRawSignature(
      request.signature, message.digest, hash, scheme, key.spki_der);
  if (!good.ok()) {
    const std::string other =
        KeyThatFits(*connection, key, request, message.digest, hash);
    return base::Annotate(
        good,
        absl::StrCat("not a signature by ", key.key_version, " with ",
                     HashName(hash),
                     other.empty() ? ""
                                   : absl::StrCat(", but one by ", other,
                                                  " (verify with countersign:"
                                                  "//",
                                                  ShortKeyName(other), ")")));
  }
  return One("verifySignature", base::Json::Object());
}

// The names that sigstore's own KMS clients use.
base::Json SupportedAlgorithms() {
  return base::Json::Array{"ecdsa-p256-sha256", "rsa-pkcs1v15-2048-sha256",
                           "rsa-pkcs1v15-3072-sha256",
                           "rsa-pkcs1v15-4096-sha256"};
}

absl::Status NoKeysMadeHere() {
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition,
      "keys of countersign are made with a product and approved by people, not "
      "by cosign: write a product file, then\n"
      "  countersign product create FILE\n"
      "  cosign public-key --key countersign://PRODUCT/OPERATION",
      Because("KEYS_ARE_MADE_ELSEWHERE"));
}

}  // namespace

absl::StatusOr<base::Json> AnswerKms(const PluginWorld& world,
                                     const KmsRequest& request,
                                     std::istream& message) {
  switch (request.method) {
    case KmsMethod::kCreateKey:
      return NoKeysMadeHere();
    case KmsMethod::kDefaultAlgorithm:
      return One("defaultAlgorithm",
                 One("defaultAlgorithm", "ecdsa-p256-sha256"));
    case KmsMethod::kSupportedAlgorithms:
      return One("supportedAlgorithms",
                 One("supportedAlgorithms", SupportedAlgorithms()));
    case KmsMethod::kPublicKey:
      return PublicKey(world, request);
    case KmsMethod::kSignMessage:
      return SignMessage(world, request, message);
    case KmsMethod::kVerifySignature:
      return VerifySignature(world, request, message);
  }
  return NoKeysMadeHere();
}

}  // namespace countersign::client
