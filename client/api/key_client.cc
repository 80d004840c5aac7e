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
  return Call(connection_, Repeat::kNever, static_cast<Stub&>(*stub),
              &Stub::SetCertificateChain, request);
}

absl::StatusOr<v1::KeyVersion> KeyClient::Rotate(const std::string& operation) {
  v1::RotateKeyRequest request;
  request.set_name(operation);
  const auto stub = KeyService::NewStub(connection_.channel());
  return CallFor(connection_.options().key_making_timeout, connection_,
                 Repeat::kNever, static_cast<Stub&>(*stub), &Stub::RotateKey,
                 request);
}

}  // namespace countersign::client
