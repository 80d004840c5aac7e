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
#include "core/errors.h"
#include "core/flows.h"
#include "hsm/csr.h"
#include "server/convert/page.h"
#include "server/convert/product.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

constexpr size_t kKeyIdOctets = 16;

const char* OpensslName(core::HashAlgorithm hash) {
  switch (hash) {
    case core::HashAlgorithm::kSha256:
      return "SHA256";
    case core::HashAlgorithm::kSha384:
      return "SHA384";
    case core::HashAlgorithm::kSha512:
      return "SHA512";
  }
  return "SHA256";
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
        *response = ToWire(*found.key);
        return absl::OkStatus();
      });
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
    *response->add_key_versions() = ToWire(key);
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
  input.digest = base::Digest(OpensslName(input.hash), to_be_signed);
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
  core::SetChain input;
  input.caller = call.caller;
  input.key_version = found.key->name;
  ASSIGN_OR_RETURN(input.chain, auth::CheckCertificateChain(
                                    request.certificate_chain_pem(),
                                    found.key->spki, parts_.clock.Now()));
  const core::KeyVersionName name = input.key_version;
  ASSIGN_OR_RETURN(
      const core::Resource changed,
      parts_.pipeline.Call(core::MakeSetChainFlow(std::move(input))));
  const auto& product = std::get<core::Product>(changed);
  *response = ToWire(*product.FindOperation(name.operation.operation)
                          ->FindKeyVersion(name.version));
  return absl::OkStatus();
}

grpc::Status KeyHandler::RotateKey(grpc::ServerContext* context,
                                   const v1::RotateKeyRequest* request,
                                   v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "RotateKey", request->name(),
      [&](const Call& call) -> absl::Status {
        core::RotateKey input;
        ASSIGN_OR_RETURN(input.operation,
                         core::OperationName::Parse(request->name()));
        input.caller = call.caller;
        input.key_id = parts_.random.Bytes(kKeyIdOctets);
        const std::string operation = input.operation.operation;
        ASSIGN_OR_RETURN(
            const core::Resource rotated,
            parts_.pipeline.Call(core::MakeRotateKeyFlow(std::move(input))));
        const auto& product = std::get<core::Product>(rotated);
        *response =
            ToWire(product.FindOperation(operation)->key_versions.back());
        return absl::OkStatus();
      });
}

}  // namespace countersign::server
