#include "server/http/testing_shop.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

v1::Operation* AddOperation(v1::Product* product, const std::string& name,
                            v1::KeyType key_type) {
  v1::Operation* operation = product->add_operations();
  operation->set_display_name(name);
  operation->set_type(v1::Operation::DIGEST_SIGNING);
  operation->set_key_type(key_type);
  operation->mutable_approval_rule()->set_display_name(name);
  return operation;
}

std::string Name(const std::string& operation) {
  return absl::StrCat("products/shop/operations/", operation);
}

}  // namespace

TestingShop::TestingShop(const std::string& more,
                         const std::function<void(const TestingSite&)>& edit)
    : server_([&](const TestingSite& site) {
        if (edit != nullptr) edit(site);
        site.Replace("hsm:\n",
                     absl::StrCat("http:\n  address: 127.0.0.1:0\n"
                                  "  paths: [{path: /k/fast, operation: "
                                  "products/shop/operations/fast}]\n",
                                  more, "hsm:\n"));
      }) {
  MakeProduct();
  SetChain();
}

void TestingShop::MakeProduct() {
  v1::CreateProductRequest create;
  create.set_product_id("shop");
  v1::Product* product = create.mutable_product();
  product->set_display_name("Shop");
  v1::Operation* release = AddOperation(product, "release", v1::RSA2048);
  release->set_type(v1::Operation::DETACHED_SIGNATURE);
  release->mutable_certificate()->set_common_name("release");
  release->mutable_certificate()->set_external_root(true);
  release->mutable_approval_rule()->add_allowed_groups("ci");
  release->mutable_approval_rule()->add_approval_groups("approvers");
  release->mutable_approval_rule()->add_blanket_groups("release");
  AddOperation(product, "fast", v1::RSA2048)
      ->mutable_approval_rule()
      ->add_blanket_groups("ci");
  AddOperation(product, "curve", v1::EC_P256)
      ->mutable_approval_rule()
      ->add_blanket_groups("ci");
  v1::Product made;
  grpc::Status status = server_.As("admin").product->CreateProduct(
      NewContext().get(), create, &made);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::ApproveProductRequest approve;
  approve.set_name(made.name());
  approve.set_etag(made.etag());
  status = server_.As("product-approver")
               .product->ApproveProduct(NewContext().get(), approve, &made);
  ASSERT_TRUE(status.ok()) << status.error_message();
}

std::string TestingShop::Spki(const std::string& operation) {
  v1::GetKeyVersionRequest get;
  get.set_name(Name(operation));
  v1::KeyVersion key;
  const grpc::Status status =
      server_.As("admin").key->GetKeyVersion(NewContext().get(), get, &key);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return *base::SpkiFromPem(key.public_key_pem());
}

// Leaf and intermediate; the root stays at home.
void TestingShop::SetChain() {
  const auto root =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Code root"));
  const auto intermediate = root.Issue(auth::CaSpec("Code CA"));
  auth::CertificateSpec leaf;
  leaf.name = {{"CN", "release"}};
  leaf.extended_key_usage = "codeSigning";
  v1::SetCertificateChainRequest set;
  set.set_name(kRelease);
  set.set_certificate_chain_pem(absl::StrCat(
      intermediate.IssueFor(Spki("release"), leaf), intermediate.pem()));
  v1::KeyVersion key;
  const grpc::Status status = server_.As("admin").key->SetCertificateChain(
      NewContext().get(), set, &key);
  ASSERT_TRUE(status.ok()) << status.error_message();
}

TestingHttpClient TestingShop::As(const std::string& who) {
  auto found = certificates_.find(who);
  if (found == certificates_.end()) {
    found =
        certificates_
            .emplace(who, server_.site().ca().Issue(TestServer::SpecOf(who)))
            .first;
  }
  return TestingHttpClient(server_.app().http_port(), server_.site().ca().pem(),
                           found->second.pem(), found->second.key_pem());
}

TestingHttpClient TestingShop::WithoutCertificate() {
  return TestingHttpClient(server_.app().http_port(), server_.site().ca().pem(),
                           "", "");
}

std::vector<v1::SigningRequest> TestingShop::List(
    v1::SigningRequest::State state) {
  v1::ListSigningRequestsRequest list;
  list.set_parent("products/-");
  list.set_page_size(1000);
  list.add_states(state);
  v1::ListSigningRequestsResponse response;
  const grpc::Status status =
      server_.As("auditor").signing->ListSigningRequests(NewContext().get(),
                                                         list, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {response.signing_requests().begin(),
          response.signing_requests().end()};
}

std::vector<v1::SigningRequest> TestingShop::AwaitPending(size_t count) {
  for (;;) {
    auto pending = List(v1::SigningRequest::PENDING_APPROVAL);
    if (pending.size() >= count) return pending;
  }
}

void TestingShop::AwaitWaiting(int count) {
  const std::string line =
      absl::StrCat("\ncountersign_http_waiting_calls ", count, "\n");
  while (!absl::StrContains(server_.app().metrics_text(), line)) {
    List(v1::SigningRequest::APPROVED);  // some time, and no busy loop
  }
}

void TestingShop::Approve(const v1::SigningRequest& request) {
  v1::ApproveSigningRequestRequest approve;
  approve.set_name(request.name());
  approve.set_etag(request.etag());
  v1::SigningRequest response;
  const grpc::Status status = server_.As("approver")
                                  .signing->ApproveSigningRequest(
                                      NewContext().get(), approve, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

void TestingShop::Reject(const v1::SigningRequest& request,
                         const std::string& reason) {
  v1::RejectSigningRequestRequest reject;
  reject.set_name(request.name());
  reject.set_etag(request.etag());
  reject.set_reason(reason);
  v1::SigningRequest response;
  const grpc::Status status =
      server_.As("approver")
          .signing->RejectSigningRequest(NewContext().get(), reject, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace countersign::server
