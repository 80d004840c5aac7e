#include "server/handlers/key_handler.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "auth/certificate_chain.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/algorithms.h"
#include "core/certificate_life.h"
#include "core/errors.h"
#include "core/flows.h"
#include "hsm/csr.h"
#include "server/convert/key_version.h"
#include "server/convert/page.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

// What the key signs: a digest, or for Ed25519 the octets themselves.
std::string ToSign(core::HashAlgorithm hash, const std::string& octets) {
  switch (hash) {
    case core::HashAlgorithm::kSha256:
      return base::Digest("SHA256", octets);
    case core::HashAlgorithm::kSha384:
      return base::Digest("SHA384", octets);
    case core::HashAlgorithm::kSha512:
      return base::Digest("SHA512", octets);
    case core::HashAlgorithm::kUnhashed:
      return octets;
  }
  return octets;
}

// "CN=Release": what the product file says, where the caller says nothing.
absl::StatusOr<std::string> SubjectOf(const std::string& asked,
                                      const core::Operation& operation) {
  if (!asked.empty()) return asked;
  if (operation.certificate.has_value()) {
    std::string subject = "CN=";
    for (const char c : operation.certificate->common_name) {
      // RFC 4514 2.4: these have a meaning of their own.
      if (absl::string_view(",+\"\\<>;#= ").find(c) !=
          absl::string_view::npos) {
        subject += '\\';
      }
      subject += c;
    }
    if (!operation.certificate->subject.empty()) {
      absl::StrAppend(&subject, ",", operation.certificate->subject);
    }
    return subject;
  }
  return core::error::BadRequest(
      {{"subject",
        "is required: the operation names no certificate; \"CN=Release "
        "signing,O=Example\" is one"}});
}

}  // namespace

grpc::Status KeyHandler::GetKeyVersion(grpc::ServerContext* context,
                                       const v1::GetKeyVersionRequest* request,
                                       v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "GetKeyVersion", request->name(),
      [&](const Call& call) -> absl::Status {
        ASSIGN_OR_RETURN(
            const FoundKey found,
            FindKey(parts_, call, request->name(), KeyChoice::kSigning));
        return Show(*found.key, response);
      });
}

absl::Status KeyHandler::Show(const core::KeyVersion& key,
                              v1::KeyVersion* response) {
  *response = ToWire(key);
  if (key.max_signatures == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const core::Product now,
                   parts_.store.GetProduct(key.name.operation.product));
  const core::Operation* operation =
      now.FindOperation(key.name.operation.operation);
  const core::KeyVersion* counted =
      operation == nullptr ? nullptr
                           : operation->FindKeyVersion(key.name.version);
  if (counted != nullptr) {
    response->set_signature_count(counted->signatures_used);
  }
  return absl::OkStatus();
}

absl::Status KeyHandler::ShowIn(const core::Product& product,
                                const core::KeyVersionName& name,
                                v1::KeyVersion* response) {
  const core::Operation* operation =
      product.FindOperation(name.operation.operation);
  const core::KeyVersion* key =
      operation == nullptr ? nullptr : operation->FindKeyVersion(name.version);
  // It was there when the flow answered.
  if (key == nullptr) return core::error::NotFound(name.Format());
  return Show(*key, response);
}

grpc::Status KeyHandler::ListKeyVersions(
    grpc::ServerContext* context, const v1::ListKeyVersionsRequest* request,
    v1::ListKeyVersionsResponse* response) {
  return parts_.desk.Serve(
      context, "ListKeyVersions", request->parent(),
      [&](const Call& call) { return List(call, *request, response); });
}

absl::Status KeyHandler::List(const Call& call,
                              const v1::ListKeyVersionsRequest& request,
                              v1::ListKeyVersionsResponse* response) {
  ASSIGN_OR_RETURN(const core::OperationName name,
                   core::OperationName::Parse(request.parent()));
  ASSIGN_OR_RETURN(const FoundOperation found,
                   FindOperation(parts_, call, name));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  const std::string arguments = absl::StrCat(call.method, "\n", name.Format());
  ASSIGN_OR_RETURN(const std::string cursor,
                   CursorOf(request.page_token(), arguments));
  int64_t after = 0;
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &after)) {
    return core::error::BadPageToken();
  }
  for (const core::KeyVersion& key : found.operation->key_versions) {
    if (key.name.version <= after) continue;
    if (response->key_versions_size() == page_size) {
      response->set_next_page_token(PageToken(absl::StrCat(after), arguments));
      break;
    }
    RETURN_IF_ERROR(Show(key, response->add_key_versions()));
    after = key.name.version;
  }
  return absl::OkStatus();
}

grpc::Status KeyHandler::CreateCertificateSigningRequest(
    grpc::ServerContext* context,
    const v1::CreateCertificateSigningRequestRequest* request,
    v1::CertificateSigningRequest* response) {
  return parts_.desk.Serve(
      context, "CreateCertificateSigningRequest", request->name(),
      [&](const Call& call) { return CreateCsr(call, *request, response); });
}

absl::Status KeyHandler::CreateCsr(
    const Call& call, const v1::CreateCertificateSigningRequestRequest& request,
    v1::CertificateSigningRequest* response) {
  ASSIGN_OR_RETURN(const FoundKey found,
                   FindKey(parts_, call, request.name(), KeyChoice::kNewest));
  RETURN_IF_ERROR(Refuse(parts_, call,
                         core::CheckAdministrator(call.caller, *call.policy,
                                                  "make CSRs", call.resource)));
  if (found.key->spki.empty()) {
    return core::error::NoSigningKey(found.operation->name.Format());
  }
  core::SignCsr input;
  input.caller = call.caller;
  input.key_version = found.key->name;
  input.algorithm = hsm::CsrAlgorithm(found.key->type);
  input.hash = core::DefaultHash(found.key->type);
  ASSIGN_OR_RETURN(input.subject,
                   SubjectOf(request.subject(), *found.operation));
  ASSIGN_OR_RETURN(const std::string to_be_signed,
                   hsm::CsrToBeSigned(found.key->spki, input.subject));
  input.digest = ToSign(input.hash, to_be_signed);
  const core::SignatureAlgorithm algorithm = input.algorithm;
  const core::HashAlgorithm hash = input.hash;
  ASSIGN_OR_RETURN(
      const core::Resource signature,
      parts_.pipeline.Call(core::MakeSignCsrFlow(std::move(input))));
  ASSIGN_OR_RETURN(*response->mutable_pem(),
                   hsm::AssembleCsr(to_be_signed, algorithm, hash,
                                    std::get<std::string>(signature)));
  response->set_key_version(found.key->name.Format());
  return absl::OkStatus();
}

grpc::Status KeyHandler::SetCertificateChain(
    grpc::ServerContext* context, const v1::SetCertificateChainRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "SetCertificateChain", request->name(),
      [&](const Call& call) { return SetChain(call, *request, response); });
}

absl::Status KeyHandler::SetChain(const Call& call,
                                  const v1::SetCertificateChainRequest& request,
                                  v1::KeyVersion* response) {
  ASSIGN_OR_RETURN(const FoundKey found,
                   FindKey(parts_, call, request.name(), KeyChoice::kNewest));
  RETURN_IF_ERROR(Refuse(
      parts_, call,
      core::CheckAdministrator(call.caller, *call.policy,
                               "set certificate chains", call.resource)));
  // Before the chain is read: no chain would do.
  if (core::IsIssuedInside(*found.operation)) {
    return core::error::IssuedInside(found.operation->name.Format());
  }
  core::SetChain input;
  input.caller = call.caller;
  input.key_version = found.key->name;
  if (found.key->spki.empty()) {
    return core::error::NoSigningKey(found.operation->name.Format());
  }
  ASSIGN_OR_RETURN(input.chain, auth::CheckCertificateChain(
                                    request.certificate_chain_pem(),
                                    found.key->spki, parts_.clock.Now()));
  const core::KeyVersionName name = input.key_version;
  ASSIGN_OR_RETURN(
      const core::Resource changed,
      parts_.pipeline.Call(core::MakeSetChainFlow(std::move(input))));
  return ShowIn(std::get<core::Product>(changed), name, response);
}

}  // namespace countersign::server
