// gRPC's health protocol through the whole server.
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kSigning[] = "countersign.v1.SigningService";

// One open Watch.
class Watcher {
 public:
  Watcher(Health::Stub& stub, const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub.Watch(context_.get(), request);
  }

  // False at the end.
  bool Read(HealthCheckResponse::ServingStatus* status) {
    HealthCheckResponse response;
    if (!reader_->Read(&response)) return false;
    *status = response.status();
    return true;
  }
  // The next status; UNKNOWN, which the server never says, at the end.
  HealthCheckResponse::ServingStatus Next() {
    HealthCheckResponse::ServingStatus status = HealthCheckResponse::UNKNOWN;
    return Read(&status) ? status : HealthCheckResponse::UNKNOWN;
  }
  void Cancel() { context_->TryCancel(); }
  grpc::Status Finish() { return reader_->Finish(); }

 private:
  std::unique_ptr<grpc::ClientContext> context_ = NewContext();
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

class HealthTest : public testing::Test {
 protected:
  // "stranger" is in no group: all of this is open to everybody.
  HealthTest() : stub_(Health::NewStub(server_.As("stranger").channel)) {}

  grpc::Status Check(const std::string& service,
                     HealthCheckResponse* response) {
    HealthCheckRequest request;
    request.set_service(service);
    return stub_->Check(NewContext().get(), request, response);
  }
  // UNKNOWN where there is none.
  HealthCheckResponse::ServingStatus StatusOf(const std::string& service) {
    HealthCheckResponse response;
    const grpc::Status status = Check(service, &response);
    EXPECT_TRUE(status.ok()) << service << ": " << status.error_message();
    return response.status();
  }

  TestServer server_;
  std::unique_ptr<Health::Stub> stub_;
};

TEST_F(HealthTest, TellsEverybodyThatTheServerAndItsServicesServe) {
  for (const std::string& service :
       {std::string(), std::string(v1::SigningService::service_full_name()),
        std::string(v1::ProductService::service_full_name()),
        std::string(v1::KeyService::service_full_name()),
        std::string(v1::AuditService::service_full_name()),
        std::string(v1::IdentityService::service_full_name())}) {
    EXPECT_EQ(StatusOf(service), HealthCheckResponse::SERVING) << service;
  }
  EXPECT_EQ(server_.CountEvents(core::EventType::kCallDenied), 0);
}

TEST_F(HealthTest, IsShutWithoutACertificate) {
  const auto stub = Health::NewStub(server_.With("", "").channel);
  HealthCheckResponse response;
  const grpc::Status status =
      stub->Check(NewContext().get(), HealthCheckRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthTest, DoesNotFindWhatIsNoService) {
  for (const std::string& service :
       {std::string("countersign.v1.NoService"), std::string("signingservice"),
        std::string(1 << 20, 'x')}) {
    HealthCheckResponse response;
    const grpc::Status status = Check(service, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), "NOT_FOUND");
  }
  EXPECT_EQ(server_.CountEvents(core::EventType::kCallDenied), 0);
}

TEST_F(HealthTest, FollowsTheSignerBothWays) {
  Watcher watch(*stub_, kSigning);
  ASSERT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  server_.signer().SetHealth({false, "the token is away", {}});
  ASSERT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(StatusOf(kSigning), HealthCheckResponse::NOT_SERVING);
  // The record can be read without a token.
  EXPECT_EQ(StatusOf(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(StatusOf(v1::AuditService::service_full_name()),
            HealthCheckResponse::SERVING);
  server_.signer().SetHealth({true, "", {}});
  ASSERT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  EXPECT_EQ(StatusOf(kSigning), HealthCheckResponse::SERVING);
}

TEST_F(HealthTest, TellsOfTheTokenByItsConfiguredName) {
  EXPECT_EQ(StatusOf("tokens/main"), HealthCheckResponse::SERVING);
  HealthCheckResponse response;
  EXPECT_EQ(Check("tokens/other", &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  Watcher watch(*stub_, "tokens/main");
  ASSERT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  // Another token signs.
  server_.signer().SetHealth(
      {true, "", {{"main", false, "away", 0}, {"other", true, "", 0}}});
  ASSERT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(StatusOf(kSigning), HealthCheckResponse::SERVING);
  server_.signer().SetHealth({true, "", {{"main", true, "", 0}}});
  ASSERT_EQ(watch.Next(), HealthCheckResponse::SERVING);
}

TEST_F(HealthTest, EndsWatchesWhenTheServerStops) {
  const struct {
    std::string service;
    HealthCheckResponse::ServingStatus want;
  } kRows[] = {{"", HealthCheckResponse::SERVING},
               {kSigning, HealthCheckResponse::SERVING},
               {"no.Service", HealthCheckResponse::SERVICE_UNKNOWN}};
  std::vector<std::unique_ptr<Watcher>> watches;
  for (const auto& row : kRows) {
    watches.push_back(std::make_unique<Watcher>(*stub_, row.service));
    EXPECT_EQ(watches.back()->Next(), row.want) << row.service;
  }
  server_.app().Stop();
  EXPECT_EQ(watches[0]->Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(watches[1]->Next(), HealthCheckResponse::NOT_SERVING);
  for (const auto& watch : watches) {
    HealthCheckResponse::ServingStatus status;
    EXPECT_FALSE(watch->Read(&status));
    const grpc::Status end = watch->Finish();
    EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(end), "SERVER_STOPPING");
  }
}

TEST_F(HealthTest, RefusesTheSeventeenthWatchUntilOneGoesAway) {
  std::vector<std::unique_ptr<Watcher>> watches;
  for (int i = 0; i < 16; ++i) {
    watches.push_back(std::make_unique<Watcher>(*stub_, ""));
    ASSERT_EQ(watches.back()->Next(), HealthCheckResponse::SERVING) << i;
  }
  Watcher refused(*stub_, "");
  HealthCheckResponse::ServingStatus status;
  EXPECT_FALSE(refused.Read(&status));
  const grpc::Status end = refused.Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(end), "OVERLOADED");
  // Others are not held up.
  EXPECT_EQ(StatusOf(""), HealthCheckResponse::SERVING);
  v1::Caller caller;
  EXPECT_TRUE(
      server_.As("ci")
          .identity
          ->GetCaller(NewContext().get(), v1::GetCallerRequest(), &caller)
          .ok());

  watches[7]->Cancel();
  EXPECT_EQ(watches[7]->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // The server sees it within a second; until then it refuses.
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  bool taken = false;
  while (!taken && absl::Now() < give_up) {
    taken = Watcher(*stub_, "").Read(&status);
  }
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace countersign::server
