#include <utility>
#include <variant>

#include "base/encoding.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/issuing_ca.h"
#include "server/convert/certificate_pem.h"
#include "server/convert/enums.h"
#include "server/convert/identity.h"
#include "server/handlers/key_handler.h"
#include "server/handlers/lookup.h"

namespace countersign::server {
namespace {

v1::CertificateAuthority ToWire(const core::IssuingCa& ca) {
  v1::CertificateAuthority wire;
  wire.set_name(ca.name);
  wire.set_certificate_chain_pem(ChainPem({ca.certificates, ca.not_after}));
  *wire.mutable_certificate_expire_time() = server::ToWire(ca.not_after);
  wire.set_crl_url(ca.crl_url);
  for (const core::CertificateProfile& profile : ca.profiles) {
    wire.add_profiles(profile.id);
  }
  return wire;
}

}  // namespace

grpc::Status KeyHandler::ListCertificateAuthorities(
    grpc::ServerContext* context,
    const v1::ListCertificateAuthoritiesRequest* /*request*/,
    v1::ListCertificateAuthoritiesResponse* response) {
  return parts_.desk.Serve(
      context, "ListCertificateAuthorities", "certificateAuthorities",
      [&](const Call& call) { return ListAuthorities(call, response); });
}

absl::Status KeyHandler::ListAuthorities(
    const Call& call, v1::ListCertificateAuthoritiesResponse* response) {
  for (const core::IssuingCa& ca : call.policy->issuing_cas) {
    v1::CertificateAuthority* wire = response->add_certificate_authorities();
    *wire = ToWire(ca);
    const auto crl =
        parts_.crls == nullptr ? nullptr : parts_.crls->Latest(ca.name);
    if (crl == nullptr) continue;
    wire->set_crl(crl->der);
    *wire->mutable_crl_next_update() = server::ToWire(crl->next_update);
  }
  return absl::OkStatus();
}

grpc::Status KeyHandler::RequestCertificateRenewal(
    grpc::ServerContext* context,
    const v1::RequestCertificateRenewalRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(context, "RequestCertificateRenewal",
                           request->name(), [&](const Call& call) {
                             return RequestRenewal(call, request->name(),
                                                   response);
                           });
}

absl::Status KeyHandler::RequestRenewal(const Call& call,
                                        const std::string& name,
                                        v1::KeyVersion* response) {
  ASSIGN_OR_RETURN(const FoundKey found,
                   FindKey(parts_, call, name, KeyChoice::kSigning));
  const core::KeyVersionName key = found.key->name;
  ASSIGN_OR_RETURN(
      const core::Resource changed,
      parts_.pipeline.Call(core::MakeRequestRenewalFlow({call.caller, key})));
  return ShowIn(std::get<core::Product>(changed), key, response);
}

grpc::Status KeyHandler::ApproveCertificateRenewal(
    grpc::ServerContext* context,
    const v1::ApproveCertificateRenewalRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(context, "ApproveCertificateRenewal",
                           request->name(), [&](const Call& call) {
                             return ApproveRenewal(call, *request, response);
                           });
}

absl::Status KeyHandler::ApproveRenewal(
    const Call& call, const v1::ApproveCertificateRenewalRequest& request,
    v1::KeyVersion* response) {
  ASSIGN_OR_RETURN(const FoundKey found,
                   FindKey(parts_, call, request.name(), KeyChoice::kSigning));
  // Before anything waits for its turn.
  RETURN_IF_ERROR(Refuse(parts_, call,
                         core::CheckProductApprover(
                             call.caller, *call.policy,
                             "approve certificate renewals", call.resource)));
  if (parts_.certificates == nullptr) {
    return core::error::NotIssuedInside(found.operation->name.Format());
  }
  ASSIGN_OR_RETURN(const core::Product product,
                   parts_.certificates->Renew(call.caller, found.key->name,
                                              request.reason()));
  return ShowIn(product, found.key->name, response);
}

grpc::Status KeyHandler::RevokeCertificate(
    grpc::ServerContext* context, const v1::RevokeCertificateRequest* request,
    v1::KeyVersion* response) {
  return parts_.desk.Serve(
      context, "RevokeCertificate", request->name(),
      [&](const Call& call) { return Revoke(call, *request, response); });
}

absl::Status KeyHandler::Revoke(const Call& call,
                                const v1::RevokeCertificateRequest& request,
                                v1::KeyVersion* response) {
  core::RevokeCertificate input;
  ASSIGN_OR_RETURN(input.key_version,
                   core::KeyVersionName::Parse(request.name()));
  std::vector<base::FieldViolation> violations;
  absl::StatusOr<std::string> serial = base::HexDecode(request.serial());
  if (!serial.ok() || serial->empty()) {
    violations.push_back(
        {"serial", "must be hexadecimal, as issued_certificates shows it"});
  } else {
    input.serial = *std::move(serial);
  }
  if (const auto reason = FromWire(request.reason()); reason.has_value()) {
    input.reason = *reason;
  } else {
    violations.push_back(
        {"reason",
         "must be KEY_COMPROMISE, AFFILIATION_CHANGED, SUPERSEDED, "
         "CESSATION_OF_OPERATION, or unset"});
  }
  RETURN_IF_ERROR(RefuseFields(call, input.key_version.operation,
                               "revoke certificates", std::move(violations)));
  input.caller = call.caller;
  input.comment = request.comment();
  const core::KeyVersionName name = input.key_version;
  const std::string octets = input.serial;
  ASSIGN_OR_RETURN(
      const core::Resource changed,
      parts_.pipeline.Call(core::MakeRevokeCertificateFlow(std::move(input))));
  const auto& product = std::get<core::Product>(changed);
  const core::KeyVersion* key = product.FindOperation(name.operation.operation)
                                    ->FindKeyVersion(name.version);
  for (const core::IssuedCertificate& issued : key->issued) {
    if (issued.serial == octets && parts_.crls != nullptr) {
      parts_.crls->Revoked(issued.ca);
    }
  }
  return Show(*key, response);
}

}  // namespace countersign::server
