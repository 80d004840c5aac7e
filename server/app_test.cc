// The main job through the whole server, over real mutual TLS.
#include "server/app.h"

#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/signature_verifier.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

v1::SigningRequest Create(Client& client,
                          const v1::CreateSigningRequestRequest& request) {
  v1::SigningRequest response;
  const grpc::Status status = client.signing->CreateSigningRequest(
      NewContext().get(), request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

grpc::Status TryCreate(Client& client,
                       const v1::CreateSigningRequestRequest& request) {
  v1::SigningRequest response;
  return client.signing->CreateSigningRequest(NewContext().get(), request,
                                              &response);
}

// Reads a watch to its end.
std::vector<v1::SigningRequest> Follow(Client& client, const std::string& name,
                                       int64_t after, grpc::Status* status) {
  v1::WatchSigningRequestRequest request;
  request.set_name(name);
  request.set_after_revision(after);
  const auto context = NewContext();
  const auto reader =
      client.signing->WatchSigningRequest(context.get(), request);
  std::vector<v1::SigningRequest> seen;
  v1::SigningRequest message;
  while (reader->Read(&message)) seen.push_back(message);
  *status = reader->Finish();
  return seen;
}

class AppTest : public testing::Test {
 protected:
  AppTest() { server_.MakeProduct(); }

  grpc::Status Approve(const std::string& who, const std::string& name,
                       const std::string& etag) {
    v1::ApproveSigningRequestRequest request;
    request.set_name(name);
    request.set_etag(etag);
    v1::SigningRequest response;
    return server_.As(who).signing->ApproveSigningRequest(NewContext().get(),
                                                          request, &response);
  }

  TestServer server_;
};

TEST_F(AppTest, SignsAtOnceWhereNobodyHasToAgree) {
  const v1::SigningRequest done =
      Create(server_.As("ci"), DigestRequest("blob", "hello"));
  EXPECT_EQ(done.state(), v1::SigningRequest::SIGNED);
  ASSERT_EQ(done.signatures_size(), 1);
  EXPECT_EQ(done.signatures(0).crc32c(),
            base::Crc32c(done.signatures(0).value()));
  EXPECT_EQ(done.key_version(), OperationName("blob") + "/keyVersions/1");
  EXPECT_EQ(done.requester().subject(), "spiffe://d/ci/build");
  EXPECT_EQ(server_.CountEvents(core::EventType::kRequestSigned), 1);
}

TEST_F(AppTest, SignsWhenTheApproverHasAgreedAndToldTheEtag) {
  const v1::SigningRequest pending = server_.MakePending();
  const grpc::Status approved =
      Approve("approver", pending.name(), pending.etag());
  ASSERT_TRUE(approved.ok()) << approved.error_message();
  grpc::Status status;
  const auto seen = Follow(server_.As("ci"), pending.name(), 0, &status);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().state(), v1::SigningRequest::SIGNED);
  EXPECT_EQ(seen.back().signatures_size(), 1);
  EXPECT_EQ(seen.back().decisions_size(), 1);
}

TEST_F(AppTest, RefusesAStaleEtag) {
  const v1::SigningRequest pending = server_.MakePending();
  const grpc::Status status =
      Approve("approver", pending.name(), std::string(64, '0'));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(ReasonOf(status), "STALE_ETAG");
}

TEST_F(AppTest, GivesTheSameRequestForTheSameRequestId) {
  const v1::SigningRequest first = server_.MakePending("id-1");
  const v1::SigningRequest second = server_.MakePending("id-1");
  EXPECT_EQ(first.name(), second.name());
  v1::CreateSigningRequestRequest other = DigestRequest("digest", "other");
  other.set_request_id("id-1");
  const grpc::Status status = TryCreate(server_.As("ci"), other);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
}

TEST_F(AppTest, AWatchResumesWithoutARepeat) {
  const v1::SigningRequest pending = server_.MakePending();
  v1::CancelSigningRequestRequest cancel;
  cancel.set_name(pending.name());
  cancel.set_reason("no longer wanted");
  v1::SigningRequest cancelled;
  ASSERT_TRUE(
      server_.As("ci")
          .signing->CancelSigningRequest(NewContext().get(), cancel, &cancelled)
          .ok());
  grpc::Status status;
  const auto seen =
      Follow(server_.As("ci"), pending.name(), pending.revision(), &status);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].state(), v1::SigningRequest::CANCELLED);
  EXPECT_EQ(seen[0].state_reason(), "no longer wanted");
  // Nothing is newer than the end: the stream ends at once.
  EXPECT_TRUE(
      Follow(server_.As("ci"), pending.name(), cancelled.revision(), &status)
          .empty());
  EXPECT_TRUE(status.ok());
}

TEST_F(AppTest, AWatchTellsEachChangeWhileItIsOpen) {
  const v1::SigningRequest pending = server_.MakePending();
  v1::WatchSigningRequestRequest request;
  request.set_name(pending.name());
  const auto context = NewContext();
  const auto reader =
      server_.As("ci").signing->WatchSigningRequest(context.get(), request);
  v1::SigningRequest message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.state(), v1::SigningRequest::PENDING_APPROVAL);
  ASSERT_TRUE(Approve("approver", pending.name(), pending.etag()).ok());
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.state(), v1::SigningRequest::APPROVED);
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.state(), v1::SigningRequest::SIGNED);
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(AppTest, AWatchWhoseCallerWentAwayLeavesNothingBehind) {
  const v1::SigningRequest pending = server_.MakePending();
  v1::WatchSigningRequestRequest request;
  request.set_name(pending.name());
  {
    const auto context = NewContext();
    const auto reader =
        server_.As("ci").signing->WatchSigningRequest(context.get(), request);
    v1::SigningRequest message;
    ASSERT_TRUE(reader->Read(&message));
    context->TryCancel();
    EXPECT_FALSE(reader->Read(&message));
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(Approve("approver", pending.name(), pending.etag()).ok());
}

TEST_F(AppTest, EndsOpenWatchesWhenItStops) {
  const v1::SigningRequest pending = server_.MakePending();
  v1::WatchSigningRequestRequest request;
  request.set_name(pending.name());
  const auto context = NewContext();
  const auto reader =
      server_.As("ci").signing->WatchSigningRequest(context.get(), request);
  v1::SigningRequest message;
  ASSERT_TRUE(reader->Read(&message));
  server_.app().Stop();
  EXPECT_FALSE(reader->Read(&message));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(AppTest, SignsNothingWhenTheRecordFails) {
  server_.store().FailNextCommits(1, absl::InternalError("disk on fire"));
  const grpc::Status status =
      TryCreate(server_.As("ci"), DigestRequest("blob", "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "RECORD_UNAVAILABLE");
  EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("fire")));
  EXPECT_EQ(server_.signer().signed_digests(), 0);
}

TEST_F(AppTest, NamesTheDigestThatWasDamagedOnItsWay) {
  v1::CreateSigningRequestRequest request = DigestRequest("blob", "x");
  request.mutable_signing_request()->mutable_digests(0)->set_crc32c(7);
  const grpc::Status status = TryCreate(server_.As("ci"), request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "BAD_REQUEST");
}

TEST_F(AppTest, RefusesAMessageOverTheLimit) {
  v1::CreateSigningRequestRequest request = DigestRequest("blob", "x");
  request.mutable_signing_request()->set_description(std::string(5 << 20, 'x'));
  const grpc::Status status = TryCreate(server_.As("ci"), request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Create(server_.As("ci"), DigestRequest("blob", "y")).state(),
            v1::SigningRequest::SIGNED);
}

TEST_F(AppTest, StopsSigningAtOnceWhenTheProductIsDisabled) {
  v1::DisableProductRequest disable;
  disable.set_name("products/tools");
  v1::Product product;
  ASSERT_TRUE(
      server_.As("admin")
          .product->DisableProduct(NewContext().get(), disable, &product)
          .ok());
  const grpc::Status status =
      TryCreate(server_.As("ci"), DigestRequest("blob", "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "PRODUCT_NOT_ACTIVE");
}

TEST_F(AppTest, ResumesAnApprovedRequestWhenTheTokenIsBack) {
  server_.signer().FailNext(1, absl::UnavailableError("token away"));
  const grpc::Status status =
      TryCreate(server_.As("ci"), DigestRequest("blob", "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  v1::ListSigningRequestsRequest list;
  list.set_parent("products/-");
  v1::ListSigningRequestsResponse page;
  ASSERT_TRUE(server_.As("ci")
                  .signing->ListSigningRequests(NewContext().get(), list, &page)
                  .ok());
  ASSERT_EQ(page.signing_requests_size(), 1);
  grpc::Status end;
  const auto seen =
      Follow(server_.As("ci"), page.signing_requests(0).name(), 0, &end);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().state(), v1::SigningRequest::SIGNED);
  EXPECT_EQ(server_.CountEvents(core::EventType::kSigningResumed), 1);
}

TEST_F(AppTest, HandsOutADetachedSignatureAsPemWithItsChain) {
  Client& admin = server_.As("admin");
  v1::CreateCertificateSigningRequestRequest ask;
  ask.set_name(OperationName("detached"));
  v1::CertificateSigningRequest csr;
  grpc::Status status =
      admin.key->CreateCertificateSigningRequest(NewContext().get(), ask, &csr);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(csr.pem(), HasSubstr("BEGIN CERTIFICATE REQUEST"));

  v1::GetKeyVersionRequest get;
  get.set_name(OperationName("detached"));
  v1::KeyVersion key;
  ASSERT_TRUE(admin.key->GetKeyVersion(NewContext().get(), get, &key).ok());
  ASSERT_OK_AND_ASSIGN(const std::string spki,
                       base::SpkiFromPem(key.public_key_pem()));
  auth::CertificateSpec leaf;
  leaf.name = {{"CN", "Tools, signed"}};
  leaf.extended_key_usage = "codeSigning";
  const auto root =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Code root"));
  v1::SetCertificateChainRequest set;
  set.set_name(OperationName("detached"));
  set.set_certificate_chain_pem(root.IssueFor(spki, leaf));
  status = admin.key->SetCertificateChain(NewContext().get(), set, &key);
  ASSERT_TRUE(status.ok()) << status.error_message();

  v1::CreateSigningRequestRequest request = DigestRequest("detached", "file");
  request.mutable_signing_request()->set_encoding(v1::PEM);
  const v1::SigningRequest done = Create(server_.As("ci"), request);
  ASSERT_EQ(done.signatures_size(), 1);
  ASSERT_OK_AND_ASSIGN(const auto blocks,
                       base::ParsePem(done.signatures(0).value()));
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].label, "SIGNATURE");
  ASSERT_EQ(blocks[0].headers.size(), 1u);
  EXPECT_EQ(blocks[0].headers[0].second, "ECDSA");
  EXPECT_EQ(blocks[1].label, "CERTIFICATE");
}

}  // namespace
}  // namespace countersign::server
