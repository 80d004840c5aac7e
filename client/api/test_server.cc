#include "client/api/test_server.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace countersign::client {
namespace {

// The caller's `authorization`; empty: none came.
std::string Authorization(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return "";
  return {found->second.data(), found->second.size()};
}

grpc::Status Admit(const Answers& answers, const grpc::ServerContext& context) {
  if (!answers.admit) return grpc::Status::OK;
  return WireError(answers.admit(Authorization(context)));
}

template <typename Request, typename Response>
grpc::Status Give(const grpc::Status& admitted,
                  const Answer<Request, Response>& answer,
                  const Request* request, Response* response) {
  if (!admitted.ok()) return admitted;
  if (!answer) return {grpc::StatusCode::UNIMPLEMENTED, "not in this test"};
  return answer(*request, response);
}

// One method of a generated service that asks `answer`.
#define COUNTERSIGN_TEST_METHOD_(Method, Request, Response, answer)           \
  grpc::Status Method(grpc::ServerContext* context,                           \
                      const v1::Request* request, v1::Response* response)     \
      override {                                                              \
    return Give(Admit(answers, *context), answers.answer, request, response); \
  }

struct Signing final : v1::SigningService::Service {
  explicit Signing(Answers& a) : answers(a) {}
  Answers& answers;
  COUNTERSIGN_TEST_METHOD_(CreateSigningRequest, CreateSigningRequestRequest,
                           SigningRequest, create)
  COUNTERSIGN_TEST_METHOD_(GetSigningRequest, GetSigningRequestRequest,
                           SigningRequest, get)
  COUNTERSIGN_TEST_METHOD_(ListSigningRequests, ListSigningRequestsRequest,
                           ListSigningRequestsResponse, list)
  COUNTERSIGN_TEST_METHOD_(CancelSigningRequest, CancelSigningRequestRequest,
                           SigningRequest, cancel)
  COUNTERSIGN_TEST_METHOD_(ApproveSigningRequest, ApproveSigningRequestRequest,
                           SigningRequest, approve)
  COUNTERSIGN_TEST_METHOD_(RejectSigningRequest, RejectSigningRequestRequest,
                           SigningRequest, reject)
  grpc::Status WatchSigningRequest(
      grpc::ServerContext* context,
      const v1::WatchSigningRequestRequest* request,
      grpc::ServerWriter<v1::SigningRequest>* writer) override {
    const grpc::Status admitted = Admit(answers, *context);
    if (!admitted.ok()) return admitted;
    if (!answers.watch) {
      return {grpc::StatusCode::UNIMPLEMENTED, "not in this test"};
    }
    return answers.watch(*request, writer,
                         [context] { return context->IsCancelled(); });
  }
};

struct Products final : v1::ProductService::Service {
  explicit Products(Answers& a) : answers(a) {}
  Answers& answers;
  COUNTERSIGN_TEST_METHOD_(CreateProduct, CreateProductRequest, Product,
                           create_product)
  COUNTERSIGN_TEST_METHOD_(GetProduct, GetProductRequest, Product, get_product)
  COUNTERSIGN_TEST_METHOD_(ListProducts, ListProductsRequest,
                           ListProductsResponse, list_products)
  COUNTERSIGN_TEST_METHOD_(ApproveProduct, ApproveProductRequest, Product,
                           approve_product)
  COUNTERSIGN_TEST_METHOD_(RejectProduct, RejectProductRequest, Product,
                           reject_product)
  COUNTERSIGN_TEST_METHOD_(DisableProduct, DisableProductRequest, Product,
                           disable_product)
};

struct Keys final : v1::KeyService::Service {
  explicit Keys(Answers& a) : answers(a) {}
  Answers& answers;
  COUNTERSIGN_TEST_METHOD_(GetKeyVersion, GetKeyVersionRequest, KeyVersion,
                           get_key)
  COUNTERSIGN_TEST_METHOD_(ListKeyVersions, ListKeyVersionsRequest,
                           ListKeyVersionsResponse, list_keys)
  COUNTERSIGN_TEST_METHOD_(CreateCertificateSigningRequest,
                           CreateCertificateSigningRequestRequest,
                           CertificateSigningRequest, create_csr)
  COUNTERSIGN_TEST_METHOD_(SetCertificateChain, SetCertificateChainRequest,
                           KeyVersion, set_chain)
  COUNTERSIGN_TEST_METHOD_(RotateKey, RotateKeyRequest, KeyVersion, rotate)
  COUNTERSIGN_TEST_METHOD_(RegisterKeyVersion, RegisterKeyVersionRequest,
                           KeyVersion, register_key)
  COUNTERSIGN_TEST_METHOD_(DisableKeyVersion, DisableKeyVersionRequest,
                           KeyVersion, disable_key)
  COUNTERSIGN_TEST_METHOD_(EnableKeyVersion, EnableKeyVersionRequest,
                           KeyVersion, enable_key)
  COUNTERSIGN_TEST_METHOD_(DestroyKeyVersion, DestroyKeyVersionRequest,
                           KeyVersion, destroy_key)
  COUNTERSIGN_TEST_METHOD_(RestoreKeyVersion, RestoreKeyVersionRequest,
                           KeyVersion, restore_key)
  COUNTERSIGN_TEST_METHOD_(ListCertificateAuthorities,
                           ListCertificateAuthoritiesRequest,
                           ListCertificateAuthoritiesResponse, list_authorities)
  COUNTERSIGN_TEST_METHOD_(RequestCertificateRenewal,
                           RequestCertificateRenewalRequest, KeyVersion,
                           request_renewal)
  COUNTERSIGN_TEST_METHOD_(ApproveCertificateRenewal,
                           ApproveCertificateRenewalRequest, KeyVersion,
                           approve_renewal)
  COUNTERSIGN_TEST_METHOD_(RevokeCertificate, RevokeCertificateRequest,
                           KeyVersion, revoke_certificate)
};

struct Audit final : v1::AuditService::Service {
  explicit Audit(Answers& a) : answers(a) {}
  Answers& answers;
  COUNTERSIGN_TEST_METHOD_(ListEvents, ListEventsRequest, ListEventsResponse,
                           list_events)
  COUNTERSIGN_TEST_METHOD_(GetCheckpoint, GetCheckpointRequest, Checkpoint,
                           get_checkpoint)
  COUNTERSIGN_TEST_METHOD_(GetConsistencyProof, GetConsistencyProofRequest,
                           ConsistencyProof, get_consistency)
};

struct Identity final : v1::IdentityService::Service {
  explicit Identity(Answers& a) : answers(a) {}
  Answers& answers;
  COUNTERSIGN_TEST_METHOD_(GetCaller, GetCallerRequest, Caller, get_caller)
};

#undef COUNTERSIGN_TEST_METHOD_

google::rpc::Status ToWire(const absl::Status& status,
                           const base::ErrorDetails& details) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain("countersign.dev");
  for (const auto& [key, value] : details.metadata) {
    (*info.mutable_metadata())[key] = value;
  }
  wire.add_details()->PackFrom(info);
  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad;
    for (const base::FieldViolation& violation : details.field_violations) {
      auto* added = bad.add_field_violations();
      added->set_field(violation.field);
      added->set_description(violation.description);
    }
    wire.add_details()->PackFrom(bad);
  }
  if (!details.preconditions.empty()) {
    google::rpc::PreconditionFailure failure;
    for (const auto& [type, description] : details.preconditions) {
      auto* added = failure.add_violations();
      added->set_type(type);
      added->set_description(description);
    }
    wire.add_details()->PackFrom(failure);
  }
  if (details.retry_delay.has_value()) {
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*details.retry_delay);
    retry.mutable_retry_delay()->set_seconds(nanos / 1000000000);
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(nanos % 1000000000));
    wire.add_details()->PackFrom(retry);
  }
  return wire;
}

}  // namespace

grpc::Status WireError(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value()) return {code, std::string(status.message())};
  return {code, std::string(status.message()),
          ToWire(status, *details).SerializeAsString()};
}

struct TestServer::Services {
  explicit Services(Answers& a)
      : signing(a), products(a), keys(a), audit(a), identity(a) {}
  Signing signing;
  Products products;
  Keys keys;
  Audit audit;
  Identity identity;
};

TestServer::TestServer(std::shared_ptr<grpc::ServerCredentials> credentials)
    : services_(std::make_unique<Services>(answers_)) {
  grpc::ServerBuilder builder;
  // Linux lets sockets of one user share a port where both say so: then calls
  // would reach the server of another test.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (credentials != nullptr) {
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
  }
  builder.RegisterService(&services_->signing);
  builder.RegisterService(&services_->products);
  builder.RegisterService(&services_->keys);
  builder.RegisterService(&services_->audit);
  builder.RegisterService(&services_->identity);
  server_ = builder.BuildAndStart();
}

TestServer::~TestServer() {
  // Streams that hang are cancelled at once.
  server_->Shutdown(std::chrono::system_clock::now());
}

std::string TestServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::shared_ptr<grpc::Channel> TestServer::Channel() const {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace countersign::client
