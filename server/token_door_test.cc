// Callers of the gRPC door who come with a token, or with nothing: who is let
// in, what is recorded of those who are not, and how far a stranger can go.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "auth/testing_ca.h"
#include "auth/testing_issuer.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kIssuer[] = "https://issuer.example";

// Nobody listens there: its keys cannot be had.
constexpr char kAway[] = "https://127.0.0.1:1";

class TokenDoorTest : public testing::Test {
 protected:
  TokenDoorTest()
      : issuer_(kIssuer),
        server_([this](const TestingSite& site) {
          site.Write("jwks.json", issuer_.Jwks(), 0644);
          site.Replace("  group_rules:\n",
                       "  token_issuers:\n"
                       "    - name: builds\n"
                       "      issuer: https://issuer.example\n"
                       "      audiences: [countersign]\n"
                       "      jwks_file: jwks.json\n"
                       "    - name: away\n"
                       "      issuer: https://127.0.0.1:1\n"
                       "      audiences: [countersign]\n"
                       "  group_rules:\n"
                       "    - group: ci\n"
                       "      token_issuer: builds\n"
                       "      claims: [{claim: sub, values: [ann]}]\n"
                       "    - group: ci\n"
                       "      token_issuer: away\n"
                       "      claims: [{claim: sub, values: [ann]}]\n");
        }),
        nobody_(server_.With("", "")) {}

  std::string Token(const base::Json::Object& more = {}) {
    return issuer_.Token(server_.clock().Now(), more);
  }
  static std::unique_ptr<grpc::ClientContext> With(const std::string& token) {
    auto context = NewContext();
    context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
    return context;
  }
  grpc::Status WhoAmI(Client& client, grpc::ClientContext& context,
                      v1::Caller* caller) {
    return client.identity->GetCaller(&context, v1::GetCallerRequest(), caller);
  }
  grpc::Status WhoIs(const std::string& token) {
    v1::Caller caller;
    return WhoAmI(nobody_, *With(token), &caller);
  }
  grpc::Status Anonymous() {
    v1::Caller caller;
    return WhoAmI(nobody_, *NewContext(), &caller);
  }
  std::vector<core::Event> Denials() {
    std::vector<core::Event> denials;
    for (const core::Event& event : server_.store().events()) {
      if (event.type == core::EventType::kCallDenied) denials.push_back(event);
    }
    return denials;
  }

  auth::TestingIssuer issuer_;
  TestServer server_;
  Client nobody_;
};

TEST_F(TokenDoorTest, TellsATokensBearerWhoTheyAre) {
  v1::Caller caller;
  const grpc::Status status = WhoAmI(nobody_, *With(Token()), &caller);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(caller.principal().subject(), "token:ann");
  EXPECT_EQ(caller.principal().issuer(), kIssuer);
  EXPECT_THAT(caller.principal().groups(), ElementsAre("ci"));
  EXPECT_EQ(caller.token_issuer(), "builds");
  EXPECT_EQ(caller.credential_expire_time().seconds(),
            absl::ToUnixSeconds(server_.clock().Now() + absl::Minutes(10)));
}

TEST_F(TokenDoorTest, SignsForATokensBearer) {
  server_.MakeProduct();
  v1::SigningRequest response;
  const grpc::Status status = nobody_.signing->CreateSigningRequest(
      With(Token()).get(), DigestRequest("blob", "text"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.state(), v1::SigningRequest::SIGNED);
  EXPECT_EQ(response.requester().subject(), "token:ann");
}

TEST_F(TokenDoorTest, TakesTheLargestToken) {
  const std::string token = Token({{"padding", std::string(11900, 'x')}});
  ASSERT_GT(token.size(), 15u << 10);
  const grpc::Status status = WhoIs(token);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(TokenDoorTest, GivesWithBothCredentialsWhatBothGive) {
  v1::Caller caller;
  ASSERT_TRUE(WhoAmI(server_.As("admin"), *With(Token()), &caller).ok());
  EXPECT_EQ(caller.principal().subject(), "token:ann");
  EXPECT_THAT(caller.principal().groups(), IsEmpty());
  EXPECT_THAT(caller.roles(), IsEmpty());
  ASSERT_TRUE(WhoAmI(server_.As("ci"), *With(Token()), &caller).ok());
  EXPECT_THAT(caller.principal().groups(), ElementsAre("ci"));
}

TEST_F(TokenDoorTest, IsShutForACertificateOfAnotherCaWhateverTheToken) {
  const auto foreign =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Site CA"))
          .Issue(TestServer::SpecOf("ci"));
  Client client = server_.With(foreign.pem(), foreign.key_pem());
  v1::Caller caller;
  EXPECT_EQ(WhoAmI(client, *With(Token()), &caller).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Denials(), IsEmpty());
}

TEST_F(TokenDoorTest, RefusesAndRecordsWhoHasNeither) {
  const grpc::Status status = Anonymous();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "NO_CREDENTIAL");
  const auto denials = Denials();
  ASSERT_EQ(denials.size(), 1u);
  EXPECT_EQ(denials[0].actor.subject, "anonymous");
  EXPECT_EQ(denials[0].details.Find("reason")->string(), "NO_CREDENTIAL");
  EXPECT_TRUE(denials[0].details.Find("peer") != nullptr &&
              !denials[0].details.Find("peer")->string().empty());
}

TEST_F(TokenDoorTest, RecordsABadTokenByItsHashAndNowhereItself) {
  base::Mutex mutex;
  std::string lines;
  base::SetLogSink([&](const std::string& line) {
    base::MutexLock lock(mutex);
    absl::StrAppend(&lines, line, "\n");
  });
  const std::string token = Token({{"aud", "another"}});
  EXPECT_EQ(ReasonOf(WhoIs(token)), "TOKEN_AUDIENCE");
  // A good certificate beside it is of no help, and is named.
  v1::Caller caller;
  EXPECT_EQ(ReasonOf(WhoAmI(server_.As("ci"), *With(token), &caller)),
            "TOKEN_AUDIENCE");
  base::SetLogSink(nullptr);
  const auto denials = Denials();
  ASSERT_EQ(denials.size(), 2u);
  const std::string signature = token.substr(token.rfind('.') + 1);
  for (const core::Event& denial : denials) {
    EXPECT_EQ(denial.actor.subject, "anonymous");
    EXPECT_EQ(denial.details.Find("tokenSha256")->string(),
              base::Sha256Hex(token));
    EXPECT_EQ(denial.details.Find("claimedIssuer")->string(), kIssuer);
    EXPECT_THAT(base::CompactJson(denial.details), Not(HasSubstr(signature)));
  }
  EXPECT_EQ(denials[0].details.Find("certificateSubject"), nullptr);
  EXPECT_EQ(denials[1].details.Find("certificateSubject")->string(),
            "spiffe://d/ci/build");
  base::MutexLock lock(mutex);
  EXPECT_THAT(lines, HasSubstr("TOKEN_AUDIENCE"));
  EXPECT_THAT(lines, Not(HasSubstr(signature)));
}

TEST_F(TokenDoorTest, CountsRefusalsThatComeTooFast) {
  for (int i = 0; i < 13; ++i) Anonymous();
  EXPECT_EQ(Denials().size(), 10u);
  EXPECT_THAT(server_.app().metrics_text(),
              HasSubstr("countersign_server_unrecorded_denials_total 3"));
  EXPECT_THAT(server_.app().metrics_text(),
              HasSubstr("countersign_authentications_total{credential=\"none\""
                        ",result=\"NO_CREDENTIAL\"} 13"));
  server_.clock().Advance(absl::Seconds(1));
  Anonymous();
  const auto denials = Denials();
  ASSERT_EQ(denials.size(), 11u);
  EXPECT_EQ(denials[9].details.Find("notRecorded"), nullptr);
  EXPECT_EQ(denials[10].details.Find("notRecorded")->number(), 3);
  // Somebody known is always recorded.
  v1::Product product;
  v1::GetProductRequest get;
  get.set_name("products/none");
  for (int i = 0; i < 20; ++i) {
    server_.As("ci").product->GetProduct(NewContext().get(), get, &product);
  }
  EXPECT_EQ(Denials().size(), 31u);
}

TEST_F(TokenDoorTest, RefusesNobodyWhileKeysCannotBeHad) {
  const auth::TestingIssuer away(kAway);
  const grpc::Status status = WhoIs(away.Token(server_.clock().Now()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "ISSUER_KEYS_UNAVAILABLE");
  EXPECT_THAT(Denials(), IsEmpty());
}

TEST_F(TokenDoorTest, TellsStrangersHealthAndNoNames) {
  const auto health = grpc::health::v1::Health::NewStub(nobody_.channel);
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_TRUE(health->Check(NewContext().get(), request, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  // Each holds a thread, and there are few places.
  const auto context = NewContext();
  const auto reader = health->Watch(context.get(), request);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  request.set_service("tokens/main");
  EXPECT_EQ(health->Check(NewContext().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  const auto known =
      grpc::health::v1::Health::NewStub(server_.As("stranger").channel);
  EXPECT_TRUE(known->Check(NewContext().get(), request, &response).ok());
}

TEST_F(TokenDoorTest, EndsAWatchWhoseTokenHasEnded) {
  server_.MakeProduct();
  v1::WatchSigningRequestRequest watch;
  const auto context = With(Token());
  v1::SigningRequest own;
  ASSERT_TRUE(nobody_.signing
                  ->CreateSigningRequest(With(Token()).get(),
                                         DigestRequest("digest", "own"), &own)
                  .ok());
  watch.set_name(own.name());
  const auto reader =
      nobody_.signing->WatchSigningRequest(context.get(), watch);
  v1::SigningRequest seen;
  ASSERT_TRUE(reader->Read(&seen));
  server_.clock().Advance(absl::Hours(1));
  v1::ApproveSigningRequestRequest approve;
  approve.set_name(own.name());
  approve.set_etag(own.etag());
  ASSERT_TRUE(
      server_.As("approver")
          .signing->ApproveSigningRequest(NewContext().get(), approve, &seen)
          .ok());
  EXPECT_FALSE(reader->Read(&seen));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "TOKEN_EXPIRED");
  // With a fresh one it goes on where it was.
  const auto again = With(Token());
  watch.set_after_revision(own.revision());
  const auto fresh = nobody_.signing->WatchSigningRequest(again.get(), watch);
  ASSERT_TRUE(fresh->Read(&seen));
  EXPECT_GT(seen.revision(), own.revision());
}

}  // namespace
}  // namespace countersign::server
