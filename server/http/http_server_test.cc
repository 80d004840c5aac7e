// Connections, with a handler that is a test's own: bounds on time and size,
// order, hanging up, stopping.
#include "server/http/http_server.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/testing_ca.h"
#include "base/fake_clock.h"
#include "base/mutex.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/testing_http_client.h"
#include "server/tls_identity.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

auth::CertificateSpec ServerSpec() {
  auth::CertificateSpec spec;
  spec.name = {{"CN", "localhost"}};
  spec.dns_names = {"localhost"};
  spec.extended_key_usage = "serverAuth";
  return spec;
}

// "/now" answers, "/wait" waits; each call counts what happens to it.
class Handler {
 public:
  class Waiting final : public HttpCall {
   public:
    Waiting(Handler& handler, HttpDone done)
        : handler_(handler), done_(std::move(done)) {}
    void Expire() override { done_(ErrorAnswer(503, "expired")); }
    void Abandon() override { handler_.Count(&handler_.abandoned_); }

   private:
    Handler& handler_;
    HttpDone done_;
  };

  std::shared_ptr<HttpCall> Handle(HttpRequest request, const HttpPeer& peer,
                                   const HttpDone& done) {
    if (request.target == "/wait") {
      Count(&waiting_);
      return std::make_shared<Waiting>(*this, done);
    }
    HttpAnswer answer;
    answer.body =
        absl::StrCat(request.method, " ", request.target, " ", request.body,
                     peer.leaf_pem.empty() ? " nobody" : " somebody");
    done(answer);
    return nullptr;
  }

  void AwaitWaiting(int count) { Await(&waiting_, count); }
  void AwaitAbandoned(int count) { Await(&abandoned_, count); }

 private:
  void Count(int* what) {
    base::MutexLock lock(mutex_);
    ++*what;
    changed_.SignalAll();
  }
  void Await(const int* what, int count) {
    base::MutexLock lock(mutex_);
    while (*what < count) changed_.Wait(mutex_);
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  int waiting_ = 0;
  int abandoned_ = 0;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest()
      : ca_(auth::TestingCertificate::SelfSigned(auth::CaSpec("CA"))),
        caller_(ca_.Issue({})) {
    options_.address = "127.0.0.1:0";
    options_.client_ca_pem = ca_.pem();
  }
  ~HttpServerTest() override {
    if (server_ == nullptr) return;
    server_->Stop();
    thread_.join();
  }

  void Start() {
    const auto certificate = ca_.Issue(ServerSpec());
    options_.certificate_pem = certificate.pem();
    auto server = HttpServer::Listen(
        options_, base::SecretBytes(certificate.key_pem()), clock_);
    ASSERT_OK(server);
    server_ = *std::move(server);
    thread_ = std::thread([this] {
      server_->RunLoop([this](HttpRequest request, const HttpPeer& peer,
                              const HttpDone& done) {
        return handler_.Handle(std::move(request), peer, done);
      });
    });
  }

  TestingHttpClient Connect() {
    return TestingHttpClient(server_->port(), ca_.pem(), caller_.pem(),
                             caller_.key_pem());
  }

  auth::TestingCertificate ca_;
  auth::TestingCertificate caller_;
  base::FakeClock clock_;
  Handler handler_;
  HttpServer::Options options_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOther) {
  Start();
  TestingHttpClient client = Connect();
  EXPECT_EQ(client.Ask(Get("/a")).body, "GET /a  somebody");
  EXPECT_EQ(client.Ask(OcmPost("/b", "body")).body, "POST /b body somebody");
}

TEST_F(HttpServerTest, AnswersRequestsThatCameTogetherInTheirOrder) {
  Start();
  TestingHttpClient client = Connect();
  client.Send(Get("/a") + OcmPost("/b", "body") + Get("/c"));
  EXPECT_EQ(client.Read().body, "GET /a  somebody");
  EXPECT_EQ(client.Read().body, "POST /b body somebody");
  EXPECT_EQ(client.Read().body, "GET /c  somebody");
}

TEST_F(HttpServerTest, LetsThemInWithoutACertificateAndSaysSo) {
  Start();
  TestingHttpClient client(server_->port(), ca_.pem(), "", "");
  EXPECT_EQ(client.Ask(Get("/a")).body, "GET /a  nobody");
}

TEST_F(HttpServerTest, ShutsOutACertificateOfAnotherCa) {
  Start();
  const auto foreign =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("CA")).Issue({});
  TestingHttpClient client(server_->port(), ca_.pem(), foreign.pem(),
                           foreign.key_pem());
  EXPECT_EQ(client.Ask(Get("/a")).code, 0);
}

TEST_F(HttpServerTest, ShutsOutACertificateThatIsNoClients) {
  Start();
  const auto server = ca_.Issue(ServerSpec());
  TestingHttpClient client(server_->port(), ca_.pem(), server.pem(),
                           server.key_pem());
  EXPECT_EQ(client.Ask(Get("/a")).code, 0);
}

TEST_F(HttpServerTest, ShowsAndTrustsNewCertificatesFromNowOn) {
  Start();
  TestingHttpClient open = Connect();
  EXPECT_EQ(open.Ask(Get("/a")).code, 200);
  const auto next =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("next CA"));
  const auto certificate = next.Issue(ServerSpec());
  TlsIdentity identity;
  identity.certificate_pem = certificate.pem();
  identity.private_key_pem = base::SecretBytes(certificate.key_pem());
  identity.client_ca_pem = next.pem();
  ASSERT_OK(server_->ReplaceTls(identity));
  EXPECT_FALSE(Connect().connected()) << "it does not know the new CA";
  TestingHttpClient old_caller(server_->port(), next.pem(), caller_.pem(),
                               caller_.key_pem());
  EXPECT_EQ(old_caller.Ask(Get("/a")).code, 0);
  const auto caller = next.Issue({});
  TestingHttpClient client(server_->port(), next.pem(), caller.pem(),
                           caller.key_pem());
  EXPECT_EQ(client.Ask(Get("/a")).body, "GET /a  somebody");
  EXPECT_EQ(open.Ask(Get("/a")).code, 200) << "an open connection stays";
  // A torn pair changes nothing.
  identity.private_key_pem = base::SecretBytes(caller.key_pem());
  EXPECT_FALSE(server_->ReplaceTls(identity).ok());
  TestingHttpClient again(server_->port(), next.pem(), caller.pem(),
                          caller.key_pem());
  EXPECT_EQ(again.Ask(Get("/a")).code, 200);
}

TEST_F(HttpServerTest, EndsTheConnectionThatAsksForIt) {
  Start();
  TestingHttpClient client = Connect();
  const auto answer =
      client.Ask("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.Field("Connection"), "close");
  EXPECT_TRUE(client.HasEnded());
}

TEST_F(HttpServerTest, RefusesWhatIsTooLargeAndTheCallerReadsIt) {
  Start();
  TestingHttpClient client = Connect();
  // More than the sockets' buffers hold would be needed to block here.
  const auto answer = client.Ask(OcmPost("/b", std::string(100000, 'x')));
  EXPECT_EQ(answer.code, 413);
  EXPECT_EQ(answer.Field("Connection"), "close");
  TestingHttpClient header = Connect();
  EXPECT_EQ(header.Ask(OcmPost("/b", "", "a", std::string(30000, 'x'))).code,
            431);
}

TEST_F(HttpServerTest, TellsWhoWaitsForItToSendTheBody) {
  Start();
  TestingHttpClient client = Connect();
  client.Send(
      "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().code, 100);
  EXPECT_EQ(client.Ask("ab").body, "POST /b ab somebody");
}

TEST_F(HttpServerTest, EndsASlowRequestWithAReason) {
  options_.request_timeout = absl::Milliseconds(300);
  Start();
  TestingHttpClient client = Connect();
  client.Send("GET /a HTTP/1.1\r\nHo");
  EXPECT_EQ(client.Read().code, 408);
  EXPECT_TRUE(client.HasEnded());
}

TEST_F(HttpServerTest, EndsAnIdleConnection) {
  options_.idle_timeout = absl::Milliseconds(100);
  Start();
  TestingHttpClient client = Connect();
  EXPECT_EQ(client.Ask(Get("/a")).code, 200);
  EXPECT_TRUE(client.HasEnded());
}

TEST_F(HttpServerTest, TellsACallThatItsTimeIsOver) {
  options_.max_wait = absl::Milliseconds(50);
  Start();
  TestingHttpClient client = Connect();
  EXPECT_EQ(client.Ask(Get("/wait")).body, "expired\n");
  EXPECT_EQ(client.Ask(Get("/a")).code, 200);
}

TEST_F(HttpServerTest, NoticesACallerThatHangsUp) {
  Start();
  TestingHttpClient client = Connect();
  client.Send(Get("/wait"));
  handler_.AwaitWaiting(1);
  client.HangUp();
  handler_.AwaitAbandoned(1);
}

TEST_F(HttpServerTest, LetsTheRestWaitWhereManyAreConnected) {
  options_.max_connections = 1;
  Start();
  TestingHttpClient first = Connect();
  EXPECT_EQ(first.Ask(Get("/a")).code, 200);
  std::thread second([this] {
    TestingHttpClient client = Connect();  // blocks in the handshake
    EXPECT_EQ(client.Ask(Get("/a")).code, 200);
  });
  EXPECT_EQ(first.Ask(Get("/a")).code, 200);
  first.HangUp();
  second.join();
}

TEST_F(HttpServerTest, StopsTakingAndDrains) {
  options_.max_wait = absl::Milliseconds(300);
  Start();
  TestingHttpClient idle = Connect();
  EXPECT_EQ(idle.Ask(Get("/a")).code, 200);
  TestingHttpClient waiting = Connect();
  waiting.Send(Get("/wait"));
  handler_.AwaitWaiting(1);
  server_->StopTaking();
  EXPECT_TRUE(idle.HasEnded());
  idle.HangUp();
  const auto answer = waiting.Read();
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.Field("Connection"), "close");
  waiting.HangUp();
  EXPECT_TRUE(server_->Drain(absl::Seconds(30)));
}

TEST_F(HttpServerTest, EndsWithWhateverIsUnderWay) {
  Start();
  TestingHttpClient waiting = Connect();
  waiting.Send(Get("/wait"));
  handler_.AwaitWaiting(1);
  EXPECT_FALSE(server_->Drain(absl::ZeroDuration()));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Start();
  HttpServer::Options taken = options_;
  taken.address = absl::StrCat("127.0.0.1:", server_->port());
  const auto certificate = ca_.Issue(ServerSpec());
  taken.certificate_pem = certificate.pem();
  const base::SecretBytes key(certificate.key_pem());
  auto second = HttpServer::Listen(taken, key, clock_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              testing::AllOf(HasSubstr("http.address"),
                             HasSubstr("Address already in use")));
  taken.address = "127.0.0.1:0";
  taken.certificate_pem = caller_.pem();
  second = HttpServer::Listen(taken, key, clock_);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("listen.private_key_file"));
}

}  // namespace
}  // namespace countersign::server
