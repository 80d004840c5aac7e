#include "server/test_server.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audit/leaf.h"
#include "base/crc32c.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "base/tls_policy.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "hsm/token_options.h"
#include "server/config/config.h"

namespace countersign::server {
namespace {

constexpr char kRules[] =
    R"(    - {group: ci, subject_patterns: ["spiffe://d/ci/*"]}
    - {group: release, subject_patterns: ["spiffe://d/release/*"]}
    - {group: approvers, subject_patterns: ["email:*@approvers.org"]}
    - {group: admins, subject_patterns: ["email:*@admins.org"]}
    - {group: product-approvers, subject_patterns: ["email:*@products.org"]}
    - {group: auditors, subject_patterns: ["email:*@auditors.org"]}
  administrator_groups: [admins]
  product_approver_groups: [product-approvers]
  auditor_groups: [auditors]
)";

// Everything of the site's rules, by ours.
void ReplaceRules(const TestingSite& site) {
  const std::string yaml = TestingSite::Yaml();
  const size_t begin = yaml.find("    - {group: ci");
  const size_t end = yaml.find("hsm:");
  site.Replace(yaml.substr(begin, end - begin), kRules);
}

v1::Operation Operation(const std::string& name, v1::KeyType key_type) {
  v1::Operation operation;
  operation.set_display_name(name);
  operation.set_type(v1::Operation::DIGEST_SIGNING);
  operation.set_key_type(key_type);
  operation.mutable_approval_rule()->set_display_name(name);
  return operation;
}

}  // namespace

Client::Client(std::shared_ptr<grpc::Channel> c)
    : channel(std::move(c)),
      signing(v1::SigningService::NewStub(channel)),
      product(v1::ProductService::NewStub(channel)),
      key(v1::KeyService::NewStub(channel)),
      audit(v1::AuditService::NewStub(channel)),
      identity(v1::IdentityService::NewStub(channel)) {}

std::unique_ptr<grpc::ClientContext> NewContext() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() +
                        std::chrono::seconds(60));
  return context;
}

TestServer::TestServer(const std::function<void(const TestingSite&)>& edit,
                       Backend backend) {
  static const absl::Status kTls = base::RequireTls13();
  EXPECT_OK(kTls);
  ReplaceRules(site_);
  if (edit != nullptr) edit(site_);
  auto config = LoadConfig(site_.config_path(), clock_.Now());
  EXPECT_OK(config);
  config_ = *std::move(config);
  if (backend == Backend::kReal) {
    StartReal();
    return;
  }
  auto store =
      std::make_unique<core::FakeStore>([](uint64_t, const core::Event& event) {
        return audit::LeafBytes(event);
      });
  auto signer = std::make_unique<core::FakeSigner>(clock_);
  std::vector<std::string> tokens;
  for (const hsm::TokenOptions& token : config_.hsm.tokens) {
    tokens.push_back(token.name);
  }
  signer->SetTokens(std::move(tokens));
  store_ = store.get();
  signer_ = signer.get();
  auto app = App::StartWith(config_, site_.config_path(), clock_, random_,
                            {std::move(store), std::move(signer)});
  EXPECT_OK(app);
  app_ = *std::move(app);
}

void TestServer::StartReal() {
  auto app = App::Start(config_, "", clock_, random_);
  EXPECT_OK(app);
  app_ = *std::move(app);
}

void TestServer::Stop() {
  clients_.clear();
  app_.reset();
}

void TestServer::Restart() {
  Stop();
  StartReal();
}

std::string TestServer::target() const {
  return absl::StrCat("localhost:", app_->port());
}

auth::CertificateSpec TestServer::SpecOf(const std::string& who) {
  auth::CertificateSpec spec;
  spec.name = {{"CN", who}};
  if (who == "ci" || who == "release") {
    spec.uris = {absl::StrCat("spiffe://d/", who, "/build")};
  } else if (absl::StartsWith(who, "approver")) {
    spec.emails = {absl::StrCat(who, "@approvers.org")};
  } else if (who == "product-approver") {
    spec.emails = {"ann@products.org"};
  } else {
    spec.emails = {absl::StrCat("bob@", who, "s.org")};
  }
  return spec;
}

Client TestServer::With(const std::string& certificate_pem,
                        const std::string& key_pem) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = site_.ca().pem();
  tls.pem_cert_chain = certificate_pem;
  tls.pem_private_key = key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return Client(grpc::CreateCustomChannel(target(), grpc::SslCredentials(tls),
                                          arguments));
}

Client& TestServer::As(const std::string& who) {
  std::unique_ptr<Client>& client = clients_[who];
  if (client == nullptr) {
    const auto certificate = site_.ca().Issue(SpecOf(who));
    client = std::make_unique<Client>(
        With(certificate.pem(), certificate.key_pem()));
  }
  return *client;
}

v1::CreateProductRequest TestServer::ToolsProduct() {
  v1::CreateProductRequest request;
  request.set_product_id("tools");
  request.mutable_product()->set_display_name("Tools");
  v1::Operation digest = Operation("digest", v1::RSA2048);
  digest.mutable_approval_rule()->add_allowed_groups("ci");
  digest.mutable_approval_rule()->add_approval_groups("approvers");
  digest.mutable_approval_rule()->add_blanket_groups("release");
  v1::Operation blob = Operation("blob", v1::EC_P256);
  blob.mutable_approval_rule()->add_blanket_groups("ci");
  v1::Operation detached = Operation("detached", v1::EC_P256);
  detached.set_type(v1::Operation::DETACHED_SIGNATURE);
  detached.mutable_certificate()->set_common_name("Tools, signed");
  detached.mutable_certificate()->set_external_root(true);
  detached.mutable_approval_rule()->add_blanket_groups("ci");
  *request.mutable_product()->add_operations() = digest;
  *request.mutable_product()->add_operations() = blob;
  *request.mutable_product()->add_operations() = detached;
  return request;
}

void TestServer::MakeProduct(const std::string& token) {
  v1::Product product;
  v1::CreateProductRequest create = ToolsProduct();
  create.mutable_product()->set_token(token);
  grpc::Status status =
      As("admin").product->CreateProduct(NewContext().get(), create, &product);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::ApproveProductRequest approve;
  approve.set_name(product.name());
  approve.set_etag(product.etag());
  status = As("product-approver")
               .product->ApproveProduct(NewContext().get(), approve, &product);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(product.state(), v1::Product::ACTIVE);
}

v1::SigningRequest TestServer::MakePending(const std::string& request_id) {
  v1::CreateSigningRequestRequest request = DigestRequest("digest", "text");
  request.set_request_id(request_id);
  v1::SigningRequest response;
  const grpc::Status status = As("ci").signing->CreateSigningRequest(
      NewContext().get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.state(), v1::SigningRequest::PENDING_APPROVAL);
  return response;
}

int TestServer::CountEvents(core::EventType type) const {
  int count = 0;
  for (const core::Event& event : store_->events()) {
    if (event.type == type) ++count;
  }
  return count;
}

std::string OperationName(const std::string& id) {
  return absl::StrCat("products/tools/operations/", id);
}

v1::CreateSigningRequestRequest DigestRequest(const std::string& operation,
                                              const std::string& text) {
  v1::CreateSigningRequestRequest request;
  request.set_parent(OperationName(operation));
  request.mutable_signing_request()->set_hash_algorithm(v1::SHA256);
  v1::LabelledDigest* digest = request.mutable_signing_request()->add_digests();
  digest->set_label(text);
  digest->set_value(base::Sha256(text));
  digest->set_crc32c(base::Crc32c(digest->value()));
  return request;
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace countersign::server
