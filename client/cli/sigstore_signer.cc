#include "client/cli/sigstore_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/connection.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/cli/algorithm_text.h"
#include "client/sigstore/sigstore_key.h"

namespace countersign::client {
namespace {

// Of the contract: resources.proto.
constexpr size_t kMaxLabel = 256;
constexpr size_t kMaxDescription = 4096;
constexpr size_t kMaxContextValue = 1024;
// One entry is left for the number of a later try.
constexpr int kMaxContextEntries = 31;
// A signature of the same octets by the same key is as good later; whoever had
// to wait for people may come back for it.
constexpr absl::Duration kReuse = absl::Hours(7 * 24);

std::string CutText(const std::string& text, size_t most) {
  if (text.size() <= most) return text;
  constexpr absl::string_view kDots = "...";
  const absl::string_view head =
      absl::string_view(text).substr(0, most - kDots.size());
  return absl::StrCat(head.substr(0, base::ValidUtf8Prefix(head)), kDots);
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds());
}

}  // namespace

absl::StatusOr<SigstoreSigner> SigstoreSigner::Create(
    Session& session, const SignOptions& options) {
  SigstoreSigner signer;
  ASSIGN_OR_RETURN(signer.ask_, MakeAsk(options));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(signer.key_, FetchKey(*connection, signer.operation()));
  const auto scheme = SigstoreScheme(signer.key_.spki_der);
  if (!scheme.ok()) {
    return base::Annotate(scheme.status(), signer.operation());
  }
  signer.scheme_ = *scheme;
  v1::SigningRequest& content = *signer.ask_.request.mutable_signing_request();
  const v1::SignatureAlgorithm algorithm =
      *scheme == base::SignatureScheme::kEcdsa ? v1::ECDSA
                                               : v1::RSASSA_PKCS1_V1_5;
  if (content.signature_algorithm() != v1::SIGNATURE_ALGORITHM_UNSPECIFIED &&
      content.signature_algorithm() != algorithm) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("--algorithm ", Format(content.signature_algorithm()),
                     ": cosign and skopeo verify none but ", Format(algorithm),
                     " of such a key"),
        Because("KEY_UNSUPPORTED"));
  }
  content.set_signature_algorithm(algorithm);
  content.set_hash_algorithm(v1::SHA256);
  content.set_encoding(v1::RAW);
  if (!signer.key_.chain_pem.empty()) {
    ASSIGN_OR_RETURN(signer.certificates_,
                     ReadCertificates(signer.key_.chain_pem));
  }
  return signer;
}

void SigstoreSigner::Describe(const std::string& description) {
  v1::SigningRequest& content = *ask_.request.mutable_signing_request();
  if (!content.description().empty()) return;
  content.set_description(CutText(description, kMaxDescription));
}

void SigstoreSigner::AddContext(const std::string& key,
                                const std::string& value) {
  v1::SigningRequest& content = *ask_.request.mutable_signing_request();
  if (value.empty()) return;
  content.mutable_context()->insert({key, CutText(value, kMaxContextValue)});
}

absl::StatusOr<std::optional<SigstoreSignatures>> SigstoreSigner::Sign(
    Session& session, const std::string& kind,
    const std::vector<OctetsToSign>& octets) {
  v1::SigningRequest& content = *ask_.request.mutable_signing_request();
  content.clear_digests();
  for (const OctetsToSign& one : octets) {
    v1::LabelledDigest* digest = content.add_digests();
    digest->set_value(one.sha256);
    digest->set_label(CutText(one.label, kMaxLabel));
  }
  if (content.context_size() > kMaxContextEntries) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat(content.context_size(),
                                        " facts for the approvers; at "
                                        "most ",
                                        kMaxContextEntries,
                                        " fit into a request. Give "
                                        "fewer --context"),
                           Because("CONTEXT_TOO_LARGE"));
  }
  const auto request =
      AskOrFind(session, ask_, {"sigstore", kind, key_.spki_sha256}, kReuse);
  if (!request.ok()) return ExplainHash(request.status());
  if (!ask_.wait) {
    PrintName(session, *request);
    return {std::nullopt};
  }
  RETURN_IF_ERROR(Check(*request));
  SigstoreSignatures result;
  result.signed_at = TimeOf(request->update_time());
  for (const v1::Signature& signature : request->signatures()) {
    result.values.push_back(signature.value());
  }
  return {std::move(result)};
}

absl::Status SigstoreSigner::ExplainHash(const absl::Status& refused) const {
  if (base::GetReason(refused) != "HASH_NOT_ALLOWED") return refused;
  base::ErrorDetails details = *base::GetErrorDetails(refused);
  return base::MakeError(
      refused.code(),
      absl::StrCat(refused.message(),
                   "; sigstore's formats are signed over SHA-256 with every "
                   "key: an operation for them has SHA256 among its "
                   "allowedHashes"),
      details);
}

absl::Status SigstoreSigner::Check(const v1::SigningRequest& request) const {
  if (request.key_spki_sha256() != key_.spki_sha256) {
    return base::MakeError(
        absl::StatusCode::kAborted,
        absl::StrCat("the request was signed by ", request.key_version(),
                     ", and ", operation(), " signs with ", key_.key_version,
                     " by now; the same command again asks anew"),
        Because("KEY_CHANGED", {{"request", request.name()}}));
  }
  const v1::SigningRequest& asked = ask_.request.signing_request();
  if (request.signatures_size() != asked.digests_size()) {
    return base::MakeError(absl::StatusCode::kDataLoss,
                           "the server sent another number of signatures than "
                           "digests were asked",
                           Because("SIGNATURE_INVALID"));
  }
  for (int i = 0; i < asked.digests_size(); ++i) {
    const absl::Status status = VerifyRawSignature(
        request.signatures(i).value(), asked.digests(i).value(),
        HashAlgorithm::kSha256, scheme_, key_.spki_der);
    if (status.ok()) continue;
    return base::MakeError(
        absl::StatusCode::kDataLoss,
        absl::StrCat("what the server sent as signature does not verify with ",
                     key_.key_version,
                     " and was thrown away: ", status.message()),
        Because("SIGNATURE_INVALID", {{"request", request.name()}}));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
