#include "client/api/key_client.h"

#include <utility>

#include "base/status_macros.h"
#include "client/api/call.h"
#include "countersign/v1/key_service.grpc.pb.h"

namespace countersign::client {
namespace {

using v1::KeyService;
using Stub = KeyService::StubInterface;

constexpr int kPageSize = 1000;

google::protobuf::Timestamp Timestamp(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

template <typename Request>
Request Switched(const std::string& key_version, const std::string& reason) {
  Request request;
  request.set_name(key_version);
  request.set_reason(reason);
  return request;
}

template <typename Request>
absl::StatusOr<v1::KeyVersion> Switch(
    Connection& connection,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 v1::KeyVersion*),
    const Request& request) {
  const auto stub = KeyService::NewStub(connection.channel());
  return Call(connection, Repeat::kIfNotBegun, static_cast<Stub&>(*stub),
              method, request);
}

}  // namespace

absl::StatusOr<v1::KeyVersion> KeyClient::Get(const std::string& name) {
  v1::GetKeyVersionRequest request;
  request.set_name(name);
  const auto stub = KeyService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::GetKeyVersion, request);
}

absl::StatusOr<std::vector<v1::KeyVersion>> KeyClient::List(
    const std::string& operation) {
  v1::ListKeyVersionsRequest request;
  request.set_parent(operation);
  request.set_page_size(kPageSize);
  const auto stub = KeyService::NewStub(connection_.channel());
  std::vector<v1::KeyVersion> all;
  do {
    ASSIGN_OR_RETURN(
        v1::ListKeyVersionsResponse page,
        Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
             &Stub::ListKeyVersions, request));
    for (v1::KeyVersion& one : *page.mutable_key_versions()) {
      all.push_back(std::move(one));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::CertificateSigningRequest> KeyClient::CreateCsr(
    const std::string& name, const std::string& subject) {
  v1::CreateCertificateSigningRequestRequest request;
  request.set_name(name);
  request.set_subject(subject);
  const auto stub = KeyService::NewStub(connection_.channel());
  // Another CSR of the same key is as good as the first.
  return Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
              &Stub::CreateCertificateSigningRequest, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::SetChain(
    const std::string& name, const std::string& chain_pem) {
  v1::SetCertificateChainRequest request;
  request.set_name(name);
  request.set_certificate_chain_pem(chain_pem);
  const auto stub = KeyService::NewStub(connection_.channel());
  return Call(connection_, Repeat::kIfNotBegun, static_cast<Stub&>(*stub),
              &Stub::SetCertificateChain, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::Rotate(
    const std::string& operation, std::optional<absl::Time> start_time) {
  v1::RotateKeyRequest request;
  request.set_name(operation);
  if (start_time.has_value()) {
    *request.mutable_start_time() = Timestamp(*start_time);
  }
  const auto stub = KeyService::NewStub(connection_.channel());
  return CallBy({connection_.options().key_making_timeout}, connection_,
                static_cast<Stub&>(*stub), &Stub::RotateKey, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::Register(
    const std::string& operation, const v1::ExistingKey& key,
    std::optional<absl::Time> start_time) {
  v1::RegisterKeyVersionRequest request;
  request.set_parent(operation);
  *request.mutable_existing_key() = key;
  if (start_time.has_value()) {
    *request.mutable_start_time() = Timestamp(*start_time);
  }
  const auto stub = KeyService::NewStub(connection_.channel());
  return CallBy({connection_.options().key_making_timeout}, connection_,
                static_cast<Stub&>(*stub), &Stub::RegisterKeyVersion, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::Disable(
    const std::string& key_version, const std::string& reason) {
  return Switch(connection_, &Stub::DisableKeyVersion,
                Switched<v1::DisableKeyVersionRequest>(key_version, reason));
}

absl::StatusOr<v1::KeyVersion> KeyClient::Enable(const std::string& key_version,
                                                 const std::string& reason) {
  return Switch(connection_, &Stub::EnableKeyVersion,
                Switched<v1::EnableKeyVersionRequest>(key_version, reason));
}

absl::StatusOr<v1::KeyVersion> KeyClient::Destroy(
    const std::string& key_version, const std::string& reason) {
  return Switch(connection_, &Stub::DestroyKeyVersion,
                Switched<v1::DestroyKeyVersionRequest>(key_version, reason));
}

absl::StatusOr<v1::KeyVersion> KeyClient::Restore(
    const std::string& key_version, const std::string& reason) {
  return Switch(connection_, &Stub::RestoreKeyVersion,
                Switched<v1::RestoreKeyVersionRequest>(key_version, reason));
}

absl::StatusOr<std::vector<v1::CertificateAuthority>>
KeyClient::ListAuthorities() {
  const auto stub = KeyService::NewStub(connection_.channel());
  ASSIGN_OR_RETURN(
      v1::ListCertificateAuthoritiesResponse all,
      Call(connection_, Repeat::kHarmless, static_cast<Stub&>(*stub),
           &Stub::ListCertificateAuthorities,
           v1::ListCertificateAuthoritiesRequest()));
  return std::vector<v1::CertificateAuthority>(
      all.certificate_authorities().begin(),
      all.certificate_authorities().end());
}

absl::StatusOr<v1::KeyVersion> KeyClient::RequestRenewal(
    const std::string& name) {
  v1::RequestCertificateRenewalRequest request;
  request.set_name(name);
  return Switch(connection_, &Stub::RequestCertificateRenewal, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::ApproveRenewal(
    const std::string& name, const std::string& reason) {
  return Switch(connection_, &Stub::ApproveCertificateRenewal,
                Switched<v1::ApproveCertificateRenewalRequest>(name, reason));
}

absl::StatusOr<v1::KeyVersion> KeyClient::RevokeCertificate(
    const v1::RevokeCertificateRequest& request) {
  return Switch(connection_, &Stub::RevokeCertificate, request);
}

}  // namespace countersign::client
