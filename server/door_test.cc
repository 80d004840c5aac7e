// What does not come in: callers without a good certificate, old TLS, messages
// that are wrong. After each the server is up and nothing half-done remains.
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/log.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

grpc::Status WhoAmI(Client& client, v1::Caller* caller) {
  return client.identity->GetCaller(NewContext().get(), v1::GetCallerRequest(),
                                    caller);
}

// What a program prints, both streams.
std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    output.append(buffer, n);
  }
  pclose(pipe);
  return output;
}

class DoorTest : public testing::Test {
 protected:
  // The certificate's holder gets nowhere; the server serves others.
  void ExpectShut(const auth::TestingCertificate& certificate) {
    Client client = server_.With(certificate.pem(), certificate.key_pem());
    v1::Caller caller;
    EXPECT_EQ(WhoAmI(client, &caller).error_code(),
              grpc::StatusCode::UNAVAILABLE);
    EXPECT_TRUE(WhoAmI(server_.As("ci"), &caller).ok());
  }

  TestServer server_;
};

TEST_F(DoorTest, TellsEverybodyWhoTheyAre) {
  v1::Caller caller;
  ASSERT_TRUE(WhoAmI(server_.As("admin"), &caller).ok());
  EXPECT_EQ(caller.principal().subject(), "email:bob@admins.org");
  EXPECT_THAT(caller.roles(), testing::ElementsAre("administrator"));
  EXPECT_GT(caller.credential_expire_time().seconds(), 0);
  v1::Caller stranger;
  ASSERT_TRUE(WhoAmI(server_.As("stranger"), &stranger).ok());
  EXPECT_EQ(stranger.principal().groups_size(), 0);
}

TEST_F(DoorTest, IsShutForACertificateOfAnotherCa) {
  const auto foreign =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Site CA"));
  ExpectShut(foreign.Issue(TestServer::SpecOf("admin")));
}

TEST_F(DoorTest, IsShutForAnExpiredCertificate) {
  auth::CertificateSpec spec = TestServer::SpecOf("admin");
  spec.not_before = absl::FromCivil(absl::CivilYear(2019), absl::UTCTimeZone());
  spec.not_after = absl::FromCivil(absl::CivilYear(2020), absl::UTCTimeZone());
  ExpectShut(server_.site().ca().Issue(spec));
}

TEST_F(DoorTest, IsShutWithoutACertificate) {
  Client client = server_.With("", "");
  v1::Caller caller;
  EXPECT_EQ(WhoAmI(client, &caller).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(DoorTest, RefusesACertificateThatRanOutOnAnOpenConnection) {
  v1::Caller caller;
  ASSERT_TRUE(WhoAmI(server_.As("ci"), &caller).ok());
  server_.clock().Set(absl::FromUnixSeconds(2051222400 + 1));
  const grpc::Status status = WhoAmI(server_.As("ci"), &caller);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_IDENTITY");
  EXPECT_EQ(server_.CountEvents(core::EventType::kCallDenied), 1);
}

TEST_F(DoorTest, SpeaksTls13Alone) {
  const std::string connect =
      absl::StrCat("openssl s_client -connect 127.0.0.1:", server_.app().port(),
                   " </dev/null 2>&1 ");
  EXPECT_THAT(OutputOf(connect + "-tls1_2"), HasSubstr("Cipher is (NONE)"));
  EXPECT_THAT(OutputOf(connect + "-tls1_3"), HasSubstr("New, TLSv1.3"));
}

class BadInputTest : public testing::Test {
 protected:
  BadInputTest() { server_.MakeProduct(); }
  TestServer server_;
};

TEST_F(BadInputTest, NamesWhatIsWrongWithARequest) {
  struct Row {
    const char* name;
    std::function<void(v1::CreateSigningRequestRequest*)> spoil;
    grpc::StatusCode code;
    const char* reason;
    const char* says;
  };
  using R = v1::CreateSigningRequestRequest;
  const auto set_digest = [](R* r, const std::string& value) {
    auto* digest = r->mutable_signing_request()->mutable_digests(0);
    digest->set_value(value);
    digest->set_crc32c(base::Crc32c(value));
  };
  const Row rows[] = {
      {"a digest too short for SHA-256",
       [&](R* r) { set_digest(r, std::string(20, 'x')); },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "32"},
      {"an empty digest", [&](R* r) { set_digest(r, ""); },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "32"},
      {"no digest", [](R* r) { r->mutable_signing_request()->clear_digests(); },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "1"},
      {"1,001 digests",
       [](R* r) {
         const v1::LabelledDigest one = r->signing_request().digests(0);
         for (int i = 0; i < 1000; ++i) {
           *r->mutable_signing_request()->add_digests() = one;
         }
       },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "1000"},
      {"a long label",
       [](R* r) {
         r->mutable_signing_request()->mutable_digests(0)->set_label(
             std::string(257, 'l'));
       },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "256"},
      {"a long description",
       [](R* r) {
         r->mutable_signing_request()->set_description(std::string(4097, 'd'));
       },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "4096"},
      {"a hash that the operation does not allow",
       [&](R* r) {
         r->mutable_signing_request()->set_hash_algorithm(v1::SHA384);
       },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "48"},
      {"an unknown hash",
       [](R* r) {
         r->mutable_signing_request()->set_hash_algorithm(
             static_cast<v1::HashAlgorithm>(77));
       },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "SHA256"},
      {"an algorithm that does not fit the key",
       [](R* r) {
         r->mutable_signing_request()->set_signature_algorithm(v1::RSASSA_PSS);
       },
       grpc::INVALID_ARGUMENT, "ALGORITHM_NOT_ALLOWED", "ECDSA"},
      {"PEM without a certificate",
       [](R* r) { r->mutable_signing_request()->set_encoding(v1::PEM); },
       grpc::INVALID_ARGUMENT, "ENCODING_NOT_POSSIBLE", ""},
      {"an unknown product",
       [](R* r) { r->set_parent("products/absent/operations/blob"); },
       grpc::NOT_FOUND, "RESOURCE_NOT_FOUND", "absent"},
      {"an unknown operation",
       [](R* r) { r->set_parent("products/tools/operations/absent"); },
       grpc::NOT_FOUND, "RESOURCE_NOT_FOUND", "absent"},
      {"a malformed name", [](R* r) { r->set_parent("products/../x"); },
       grpc::INVALID_ARGUMENT, "MALFORMED_NAME", "products/{product}"},
      {"a long request_id",
       [](R* r) { r->set_request_id(std::string(65, 'i')); },
       grpc::INVALID_ARGUMENT, "BAD_REQUEST", "64"},
  };
  const int64_t jobs = server_.signer().jobs();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    R request = DigestRequest("blob", "x");
    row.spoil(&request);
    v1::SigningRequest response;
    const grpc::Status status = server_.As("ci").signing->CreateSigningRequest(
        NewContext().get(), request, &response);
    EXPECT_EQ(status.error_code(), row.code) << status.error_message();
    EXPECT_EQ(ReasonOf(status), row.reason);
    EXPECT_THAT(status.error_message(), HasSubstr(row.says));
  }
  EXPECT_EQ(server_.signer().jobs(), jobs);
  EXPECT_EQ(server_.CountEvents(core::EventType::kRequestCreated), 0);
}

TEST_F(BadInputTest, RefusesPageTokensFromElsewhere) {
  Client& ci = server_.As("ci");
  for (int i = 0; i < 3; ++i) server_.MakePending();
  v1::ListSigningRequestsRequest list;
  list.set_parent("products/tools");
  list.set_page_size(1);
  v1::ListSigningRequestsResponse page;
  ASSERT_TRUE(
      ci.signing->ListSigningRequests(NewContext().get(), list, &page).ok());
  ASSERT_NE(page.next_page_token(), "");
  const std::string token = page.next_page_token();
  // The size may change from page to page, nothing else may.
  list.set_page_token(token);
  list.set_page_size(5);
  ASSERT_TRUE(
      ci.signing->ListSigningRequests(NewContext().get(), list, &page).ok());
  EXPECT_EQ(page.signing_requests_size(), 2);
  EXPECT_EQ(page.next_page_token(), "");
  list.set_parent("products/-");
  grpc::Status status =
      ci.signing->ListSigningRequests(NewContext().get(), list, &page);
  EXPECT_EQ(ReasonOf(status), "BAD_PAGE_TOKEN");
  v1::ListProductsRequest products;
  products.set_page_token(token);
  v1::ListProductsResponse product_page;
  status =
      ci.product->ListProducts(NewContext().get(), products, &product_page);
  EXPECT_EQ(ReasonOf(status), "BAD_PAGE_TOKEN");
}

TEST_F(BadInputTest, PagesHoldWhatTheCallerMaySeeAndNothingTwice) {
  std::set<std::string> made;
  for (int i = 0; i < 7; ++i) made.insert(server_.MakePending().name());
  for (const char* who : {"ci", "product-approver"}) {
    v1::ListSigningRequestsRequest list;
    list.set_parent("products/-");
    list.set_page_size(2);
    std::set<std::string> seen;
    do {
      v1::ListSigningRequestsResponse page;
      ASSERT_TRUE(
          server_.As(who)
              .signing->ListSigningRequests(NewContext().get(), list, &page)
              .ok());
      EXPECT_LE(page.signing_requests_size(), 2);
      for (const auto& request : page.signing_requests()) {
        EXPECT_TRUE(seen.insert(request.name()).second);
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    EXPECT_EQ(seen, std::string(who) == "ci" ? made : std::set<std::string>());
  }
}

TEST_F(BadInputTest, ListsTheRecordInPagesWithAFilter) {
  for (int i = 0; i < 5; ++i) server_.MakePending();
  v1::ListEventsRequest list;
  list.set_page_size(2);
  list.mutable_filter()->add_types("REQUEST_CREATED");
  int count = 0;
  int64_t last = -1;
  do {
    v1::ListEventsResponse page;
    ASSERT_TRUE(server_.As("auditor")
                    .audit->ListEvents(NewContext().get(), list, &page)
                    .ok());
    for (const v1::Event& event : page.events()) {
      EXPECT_EQ(event.type(), "REQUEST_CREATED");
      EXPECT_EQ(event.subject(), "spiffe://d/ci/build");
      EXPECT_GT(event.leaf_index(), last);
      last = event.leaf_index();
      ++count;
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(count, 5);
  list.mutable_filter()->add_types("NO_SUCH_TYPE");
  v1::ListEventsResponse page;
  const grpc::Status status =
      server_.As("auditor").audit->ListEvents(NewContext().get(), list, &page);
  EXPECT_EQ(ReasonOf(status), "BAD_REQUEST");
}

// A raw call with these octets as the message.
grpc::Status Raw(Client& client, const std::string& method,
                 const std::string& octets) {
  grpc::GenericStub stub(client.channel);
  grpc::CompletionQueue queue;
  const auto context = NewContext();
  const grpc::Slice slice(octets);
  const auto call = stub.PrepareUnaryCall(context.get(), method,
                                          grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

TEST_F(BadInputTest, SurvivesMessagesThatAreNone) {
  // Field 1, a string, that is not UTF-8; a length without its octets; noise.
  for (const std::string& octets :
       {std::string("\x0a\x02\xff\xfe"), std::string("\x0a\x7f"),
        std::string("\xff\xff\xff\xff\xff")}) {
    for (const char* method :
         {"/countersign.v1.SigningService/CreateSigningRequest",
          "/countersign.v1.SigningService/GetSigningRequest"}) {
      EXPECT_FALSE(Raw(server_.As("ci"), method, octets).ok());
    }
  }
  v1::Caller caller;
  EXPECT_TRUE(WhoAmI(server_.As("ci"), &caller).ok());
}

TEST_F(BadInputTest, WritesOneLineForEachCallWithoutItsContent) {
  base::Mutex mutex;
  std::vector<std::string> lines;
  base::SetLogSink([&](const std::string& line) {
    base::MutexLock lock(mutex);
    if (line.find("\"rpc\"") != std::string::npos) lines.push_back(line);
  });
  v1::SigningRequest response;
  server_.As("ci").signing->CreateSigningRequest(
      NewContext().get(), DigestRequest("blob", "the label"), &response);
  v1::CreateSigningRequestRequest refused = DigestRequest("blob", "the label");
  refused.set_parent("products/x\n\"/operations/y");
  server_.As("ci").signing->CreateSigningRequest(NewContext().get(), refused,
                                                 &response);
  base::SetLogSink(nullptr);
  base::MutexLock lock(mutex);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("\"code\":\"OK\""));
  EXPECT_THAT(lines[0], HasSubstr("spiffe://d/ci/build"));
  EXPECT_THAT(lines[0], HasSubstr(OperationName("blob")));
  EXPECT_THAT(lines[0], testing::Not(HasSubstr("the label")));
  EXPECT_THAT(lines[1], HasSubstr("MALFORMED_NAME"));
}

}  // namespace
}  // namespace countersign::server
