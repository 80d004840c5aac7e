// Every RPC for every role: who may, who may not, and that each refusal is in
// the record. A table; longer than a file of rules should be.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using grpc::StatusCode;
using Invoke = std::function<grpc::Status(Client&)>;

// One call, and the code that each role gets. The calls name things that are
// there, so that a wrong OK would do something.
struct Row {
  std::string rpc;
  Invoke call;
  std::map<std::string, StatusCode> want;
};

template <typename Stub, typename Request, typename Response>
grpc::Status Unary(Stub& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                const Request&, Response*),
                   const Request& request) {
  Response response;
  return (stub.*method)(NewContext().get(), request, &response);
}

template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

constexpr StatusCode kOk = StatusCode::OK;
constexpr StatusCode kDenied = StatusCode::PERMISSION_DENIED;
constexpr StatusCode kHidden = StatusCode::NOT_FOUND;
constexpr StatusCode kFailed = StatusCode::FAILED_PRECONDITION;
constexpr StatusCode kInvalid = StatusCode::INVALID_ARGUMENT;

// In the order of the columns below.
const char* const kRoles[] = {"ci",      "approver",         "release",
                              "admin",   "product-approver", "auditor",
                              "stranger"};

std::map<std::string, StatusCode> Want(const std::vector<StatusCode>& codes) {
  std::map<std::string, StatusCode> want;
  for (size_t i = 0; i < codes.size(); ++i) want[kRoles[i]] = codes[i];
  return want;
}

grpc::Status Watch(Client& client, const std::string& name) {
  const auto context = NewContext();
  v1::WatchSigningRequestRequest request;
  request.set_name(name);
  const auto reader =
      client.signing->WatchSigningRequest(context.get(), request);
  v1::SigningRequest message;
  if (reader->Read(&message)) {
    context->TryCancel();
    reader->Finish();
    return grpc::Status::OK;
  }
  return reader->Finish();
}

// The rows for a product "tools" and a request of ci that waits for people.
std::vector<Row> Rows(TestServer& server, const std::string& waiting) {
  using S = v1::SigningService::Stub;
  using P = v1::ProductService::Stub;
  using K = v1::KeyService::Stub;
  using A = v1::AuditService::Stub;
  using I = v1::IdentityService::Stub;
  const std::string product = "products/tools";
  const std::string operation = OperationName("digest");
  v1::ListSigningRequestsRequest list;
  list.set_parent("products/-");
  v1::ListKeyVersionsRequest keys;
  keys.set_parent(operation);
  v1::CreateSigningRequestRequest create = DigestRequest("digest", "x");
  create.set_validate_only(true);
  v1::SetCertificateChainRequest chain;
  chain.set_name(operation);
  chain.set_certificate_chain_pem("no chain");
  v1::CreateCertificateSigningRequestRequest csr;
  csr.set_name(operation);
  csr.set_subject("CN=x");
  const std::string key_version = OperationName("detached") + "/keyVersions/1";
  // Wrong ids: who may is told so, who may not hears that first.
  v1::RegisterKeyVersionRequest registration;
  registration.set_parent(OperationName("blob"));
  registration.mutable_existing_key()->set_key_id("no hexadecimal");
  registration.mutable_start_time()->set_seconds(1);
  auto revoke = Named<v1::RevokeCertificateRequest>(key_version);
  revoke.set_serial("no hexadecimal");
  auto destroy = Named<v1::DestroyKeyVersionRequest>(key_version);
  destroy.set_reason("retired");
  const v1::CreateProductRequest nothing;  // refused for its shape, if at all
  // Wrong on purpose: who may is told so, who may not learns nothing of it.
  auto approve = Named<v1::ApproveSigningRequestRequest>(waiting);
  auto reject = Named<v1::RejectSigningRequestRequest>(waiting);
  approve.set_etag("0");
  reject.set_etag("0");
  reject.set_reason("no");
  auto approve_product = Named<v1::ApproveProductRequest>(product);
  approve_product.set_etag("0");
  auto reject_product = Named<v1::RejectProductRequest>(product);
  reject_product.set_etag("0");
  reject_product.set_reason("no");
  constexpr StatusCode kStale = StatusCode::ABORTED;
  // ci, approver, release, admin, product-approver, auditor, stranger
  return {
      {"CreateSigningRequest",
       [=](Client& c) {
         return Unary(*c.signing, &S::CreateSigningRequest, create);
       },
       Want({kOk, kDenied, kOk, kDenied, kDenied, kDenied, kDenied})},
      {"GetSigningRequest",
       [=](Client& c) {
         return Unary(*c.signing, &S::GetSigningRequest,
                      Named<v1::GetSigningRequestRequest>(waiting));
       },
       Want({kOk, kOk, kOk, kOk, kHidden, kOk, kDenied})},
      {"ListSigningRequests",
       [=](Client& c) {
         return Unary(*c.signing, &S::ListSigningRequests, list);
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"ApproveSigningRequest",
       [=](Client& c) {
         return Unary(*c.signing, &S::ApproveSigningRequest, approve);
       },
       Want({kDenied, kStale, kDenied, kDenied, kHidden, kDenied, kDenied})},
      {"RejectSigningRequest",
       [=](Client& c) {
         return Unary(*c.signing, &S::RejectSigningRequest, reject);
       },
       Want({kDenied, kStale, kDenied, kDenied, kHidden, kDenied, kDenied})},
      {"WatchSigningRequest", [=](Client& c) { return Watch(c, waiting); },
       Want({kOk, kOk, kOk, kOk, kHidden, kOk, kDenied})},
      {"CreateProduct",
       [=](Client& c) { return Unary(*c.product, &P::CreateProduct, nothing); },
       Want({kDenied, kDenied, kDenied, kInvalid, kDenied, kDenied, kDenied})},
      {"GetProduct",
       [=](Client& c) {
         return Unary(*c.product, &P::GetProduct,
                      Named<v1::GetProductRequest>(product));
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"ListProducts",
       [=](Client& c) {
         return Unary(*c.product, &P::ListProducts, v1::ListProductsRequest());
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"ApproveProduct",
       [=](Client& c) {
         return Unary(*c.product, &P::ApproveProduct, approve_product);
       },
       Want({kDenied, kDenied, kDenied, kDenied, kStale, kDenied, kDenied})},
      {"RejectProduct",
       [=](Client& c) {
         return Unary(*c.product, &P::RejectProduct, reject_product);
       },
       Want({kDenied, kDenied, kDenied, kDenied, kStale, kDenied, kDenied})},
      {"EnableProduct",
       [=](Client& c) {
         return Unary(*c.product, &P::EnableProduct,
                      Named<v1::EnableProductRequest>(product));
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"DisableProduct",
       [=](Client& c) {
         return Unary(*c.product, &P::DisableProduct,
                      Named<v1::DisableProductRequest>(product));
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"GetKeyVersion",
       [=](Client& c) {
         return Unary(*c.key, &K::GetKeyVersion,
                      Named<v1::GetKeyVersionRequest>(operation));
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"ListKeyVersions",
       [=](Client& c) { return Unary(*c.key, &K::ListKeyVersions, keys); },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"CreateCertificateSigningRequest",
       [=](Client& c) {
         return Unary(*c.key, &K::CreateCertificateSigningRequest, csr);
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"SetCertificateChain",
       [=](Client& c) { return Unary(*c.key, &K::SetCertificateChain, chain); },
       Want({kDenied, kDenied, kDenied, kInvalid, kDenied, kDenied, kDenied})},
      {"RotateKey",
       [=](Client& c) {
         return Unary(*c.key, &K::RotateKey,
                      Named<v1::RotateKeyRequest>(OperationName("blob")));
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"RegisterKeyVersion",
       [=](Client& c) {
         return Unary(*c.key, &K::RegisterKeyVersion, registration);
       },
       Want({kDenied, kDenied, kDenied, kInvalid, kDenied, kDenied, kDenied})},
      {"ListCertificateAuthorities",
       [=](Client& c) {
         return Unary(*c.key, &K::ListCertificateAuthorities,
                      v1::ListCertificateAuthoritiesRequest());
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      // Of an operation with a CA outside: who may is told so.
      {"RequestCertificateRenewal",
       [=](Client& c) {
         return Unary(*c.key, &K::RequestCertificateRenewal,
                      Named<v1::RequestCertificateRenewalRequest>(
                          OperationName("blob")));
       },
       Want({kDenied, kDenied, kDenied, kFailed, kDenied, kDenied, kDenied})},
      {"ApproveCertificateRenewal",
       [=](Client& c) {
         return Unary(*c.key, &K::ApproveCertificateRenewal,
                      Named<v1::ApproveCertificateRenewalRequest>(
                          OperationName("blob")));
       },
       Want({kDenied, kDenied, kDenied, kDenied, kFailed, kDenied, kDenied})},
      {"RevokeCertificate",
       [=](Client& c) { return Unary(*c.key, &K::RevokeCertificate, revoke); },
       Want({kDenied, kDenied, kDenied, kInvalid, kDenied, kDenied, kDenied})},
      {"DisableKeyVersion",
       [=](Client& c) {
         return Unary(*c.key, &K::DisableKeyVersion,
                      Named<v1::DisableKeyVersionRequest>(key_version));
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"EnableKeyVersion",
       [=](Client& c) {
         return Unary(*c.key, &K::EnableKeyVersion,
                      Named<v1::EnableKeyVersionRequest>(key_version));
       },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"DestroyKeyVersion",
       [=](Client& c) { return Unary(*c.key, &K::DestroyKeyVersion, destroy); },
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"RestoreKeyVersion",
       [=](Client& c) {
         return Unary(*c.key, &K::RestoreKeyVersion,
                      Named<v1::RestoreKeyVersionRequest>(key_version));
       },
       // Somebody destroyed it in the row before, and nobody restored it yet.
       Want({kDenied, kDenied, kDenied, kOk, kDenied, kDenied, kDenied})},
      {"ListEvents",
       [=](Client& c) {
         return Unary(*c.audit, &A::ListEvents, v1::ListEventsRequest());
       },
       Want({kDenied, kDenied, kDenied, kDenied, kDenied, kOk, kDenied})},
      {"GetCheckpoint",
       [=](Client& c) {
         return Unary(*c.audit, &A::GetCheckpoint, v1::GetCheckpointRequest());
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kDenied})},
      {"GetInclusionProof",
       [=](Client& c) {
         return Unary(*c.audit, &A::GetInclusionProof, [] {
           v1::GetInclusionProofRequest request;
           request.set_leaf_index(-1);
           return request;
         }());
       },
       Want({kInvalid, kInvalid, kInvalid, kInvalid, kInvalid, kInvalid,
             kDenied})},
      {"GetConsistencyProof",
       [=](Client& c) {
         return Unary(*c.audit, &A::GetConsistencyProof, [] {
           v1::GetConsistencyProofRequest request;
           request.set_first_tree_size(-1);
           return request;
         }());
       },
       Want({kInvalid, kInvalid, kInvalid, kInvalid, kInvalid, kInvalid,
             kDenied})},
      {"GetCaller",
       [=](Client& c) {
         return Unary(*c.identity, &I::GetCaller, v1::GetCallerRequest());
       },
       Want({kOk, kOk, kOk, kOk, kOk, kOk, kOk})},
      // A fresh one for each role: it ends the request.
      {"CancelSigningRequest",
       [&server](Client& c) {
         return Unary(*c.signing, &S::CancelSigningRequest,
                      Named<v1::CancelSigningRequestRequest>(
                          server.MakePending().name()));
       },
       Want({kOk, kDenied, kDenied, kOk, kHidden, kDenied, kDenied})},
  };
}

TEST(RoleTableTest, GivesEachRoleWhatIsItsAndRecordsEachRefusal) {
  TestServer server;
  server.MakeProduct();
  const v1::SigningRequest waiting = server.MakePending();
  for (const Row& row : Rows(server, waiting.name())) {
    ASSERT_EQ(row.want.size(), std::size(kRoles)) << row.rpc;
    for (const char* role : kRoles) {
      const int before = server.CountEvents(core::EventType::kCallDenied);
      const grpc::Status status = row.call(server.As(role));
      const StatusCode want = row.want.at(role);
      EXPECT_EQ(status.error_code(), want)
          << row.rpc << " as " << role << ": " << status.error_message();
      const bool refused = want == kDenied || want == kHidden;
      EXPECT_EQ(server.CountEvents(core::EventType::kCallDenied) - before,
                refused ? 1 : 0)
          << row.rpc << " as " << role;
      if (!status.ok()) {
        EXPECT_NE(ReasonOf(status), "") << row.rpc << " as " << role;
      }
      if (row.rpc == "DisableProduct" && status.ok()) {
        v1::Product product;
        server.As("admin").product->EnableProduct(
            NewContext().get(),
            Named<v1::EnableProductRequest>("products/tools"), &product);
      }
    }
  }
}

TEST(RoleTableTest, ReadsAbsentAndHiddenAlike) {
  TestServer server;
  server.MakeProduct();
  const v1::SigningRequest hidden = server.MakePending();
  Client& client = server.As("product-approver");
  std::string absent = hidden.name();
  absent.back() = absent.back() == '0' ? '1' : '0';
  const auto get = [&](const std::string& name) {
    return Unary(*client.signing, &v1::SigningService::Stub::GetSigningRequest,
                 Named<v1::GetSigningRequestRequest>(name));
  };
  const grpc::Status one = get(hidden.name());
  const grpc::Status other = get(absent);
  EXPECT_EQ(one.error_code(), other.error_code());
  EXPECT_EQ(ReasonOf(one), ReasonOf(other));
  EXPECT_EQ(one.error_message().size(), other.error_message().size());
}

}  // namespace
}  // namespace countersign::server
