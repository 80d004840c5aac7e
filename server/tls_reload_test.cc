// The server's TLS files change while it runs: through the whole server, gRPC
// and the HTTPS door.
#include <string>
#include <thread>
#include <utility>

#include "auth/testing_ca.h"
#include "base/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/http/testing_http_client.h"
#include "server/test_server.h"

namespace countersign::server {
namespace {

using auth::TestingCertificate;

// Far longer than two polls.
constexpr absl::Duration kLong = absl::Seconds(60);

bool Answers(const Client& client) {
  grpc::health::v1::HealthCheckResponse response;
  return grpc::health::v1::Health::NewStub(client.channel)
      ->Check(NewContext().get(), {}, &response)
      .ok();
}

TEST(TlsReloadTest, TakesNewFilesForNewConnections) {
  TestServer server([](const TestingSite& site) {
    site.Write("countersignd.yaml",
               TestingSite::Yaml() + "http: {address: \"127.0.0.1:0\"}\n",
               0644);
  });
  Client& open = server.As("ci");
  EXPECT_TRUE(Answers(open));

  // A CA of clients that takes the old one's place, and a new certificate.
  const auto next = TestingCertificate::SelfSigned(auth::CaSpec("Next CA"));
  auth::CertificateSpec spec;
  spec.name = {{"CN", "localhost"}};
  spec.dns_names = {"localhost"};
  spec.extended_key_usage = "serverAuth";
  const TestingCertificate certificate = server.site().ca().Issue(spec);
  server.site().Write("server.pem", certificate.pem());
  server.site().Write("server.key", certificate.key_pem());
  server.site().Write("ca.pem", next.pem());

  const TestingCertificate caller = next.Issue(TestServer::SpecOf("ci"));
  const absl::Duration end = base::SteadyNow() + kLong;
  while (!Answers(server.With(caller.pem(), caller.key_pem()))) {
    ASSERT_LT(base::SteadyNow(), end);
    std::this_thread::yield();
  }
  const TestingCertificate old =
      server.site().ca().Issue(TestServer::SpecOf("ci"));
  EXPECT_FALSE(Answers(server.With(old.pem(), old.key_pem())));
  EXPECT_TRUE(Answers(open)) << "an open connection stays";

  const std::string ca = server.site().ca().pem();
  TestingHttpClient http(server.app().http_port(), ca, caller.pem(),
                         caller.key_pem());
  EXPECT_EQ(http.Ask(Get("/healthz")).code, 200);
  TestingHttpClient refused(server.app().http_port(), ca, old.pem(),
                            old.key_pem());
  EXPECT_EQ(refused.Ask(Get("/healthz")).code, 0);
}

}  // namespace
}  // namespace countersign::server
