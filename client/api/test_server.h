// A countersign server in the test's own process whose answers are functions
// that the test sets. Tests only.
#ifndef COUNTERSIGN_CLIENT_API_TEST_SERVER_H_
#define COUNTERSIGN_CLIENT_API_TEST_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/error.h"
#include "countersign/v1/audit_service.grpc.pb.h"
#include "countersign/v1/identity_service.grpc.pb.h"
#include "countersign/v1/key_service.grpc.pb.h"
#include "countersign/v1/product_service.grpc.pb.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace countersign::client {

// What a server sends for `status`: code, message, and google.rpc details.
grpc::Status WireError(const absl::Status& status);

template <typename Request, typename Response>
using Answer = std::function<grpc::Status(const Request&, Response*)>;

// Calls without an answer are UNIMPLEMENTED. Set answers before the first call.
struct Answers {
  // Who may come, by the `authorization` of each call (empty: none); unset:
  // everybody.
  std::function<absl::Status(const std::string&)> admit;
  Answer<v1::CreateSigningRequestRequest, v1::SigningRequest> create;
  Answer<v1::GetSigningRequestRequest, v1::SigningRequest> get;
  Answer<v1::ListSigningRequestsRequest, v1::ListSigningRequestsResponse> list;
  Answer<v1::CancelSigningRequestRequest, v1::SigningRequest> cancel;
  Answer<v1::ApproveSigningRequestRequest, v1::SigningRequest> approve;
  Answer<v1::RejectSigningRequestRequest, v1::SigningRequest> reject;
  // May write any number of times; `cancelled` tells that the client went away.
  std::function<grpc::Status(const v1::WatchSigningRequestRequest&,
                             grpc::ServerWriter<v1::SigningRequest>*,
                             const std::function<bool()>& cancelled)>
      watch;
  Answer<v1::CreateProductRequest, v1::Product> create_product;
  Answer<v1::GetProductRequest, v1::Product> get_product;
  Answer<v1::ListProductsRequest, v1::ListProductsResponse> list_products;
  Answer<v1::ApproveProductRequest, v1::Product> approve_product;
  Answer<v1::RejectProductRequest, v1::Product> reject_product;
  Answer<v1::DisableProductRequest, v1::Product> disable_product;
  Answer<v1::GetKeyVersionRequest, v1::KeyVersion> get_key;
  Answer<v1::ListKeyVersionsRequest, v1::ListKeyVersionsResponse> list_keys;
  Answer<v1::CreateCertificateSigningRequestRequest,
         v1::CertificateSigningRequest>
      create_csr;
  Answer<v1::SetCertificateChainRequest, v1::KeyVersion> set_chain;
  Answer<v1::RotateKeyRequest, v1::KeyVersion> rotate;
  Answer<v1::RegisterKeyVersionRequest, v1::KeyVersion> register_key;
  Answer<v1::DisableKeyVersionRequest, v1::KeyVersion> disable_key;
  Answer<v1::EnableKeyVersionRequest, v1::KeyVersion> enable_key;
  Answer<v1::DestroyKeyVersionRequest, v1::KeyVersion> destroy_key;
  Answer<v1::RestoreKeyVersionRequest, v1::KeyVersion> restore_key;
  Answer<v1::ListCertificateAuthoritiesRequest,
         v1::ListCertificateAuthoritiesResponse>
      list_authorities;
  Answer<v1::RequestCertificateRenewalRequest, v1::KeyVersion> request_renewal;
  Answer<v1::ApproveCertificateRenewalRequest, v1::KeyVersion> approve_renewal;
  Answer<v1::RevokeCertificateRequest, v1::KeyVersion> revoke_certificate;
  Answer<v1::ListEventsRequest, v1::ListEventsResponse> list_events;
  Answer<v1::GetCheckpointRequest, v1::Checkpoint> get_checkpoint;
  Answer<v1::GetConsistencyProofRequest, v1::ConsistencyProof> get_consistency;
  Answer<v1::GetCallerRequest, v1::Caller> get_caller;
};

class TestServer {
 public:
  // Without `credentials` it listens nowhere and is reached by Channel() only:
  // a port that another test may get as well can mislead a call.
  explicit TestServer(
      std::shared_ptr<grpc::ServerCredentials> credentials = nullptr);
  ~TestServer();

  Answers& answers() { return answers_; }
  // "127.0.0.1:<port>"; with credentials only.
  std::string address() const;
  // In this process, without TLS.
  std::shared_ptr<grpc::Channel> Channel() const;

 private:
  struct Services;

  Answers answers_;
  std::unique_ptr<Services> services_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_TEST_SERVER_H_
