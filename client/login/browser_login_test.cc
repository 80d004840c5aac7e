// The listener and the flow over it, with a thread for the browser.
#include "client/login/browser_login.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "client/login/loopback_listener.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;

int Dial(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address),
            0);
  return fd;
}

// Sends and reads to the end.
std::string Exchange(int port, const std::string& octets) {
  const int fd = Dial(port);
  EXPECT_EQ(send(fd, octets.data(), octets.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(octets.size()));
  std::string answer;
  char piece[1024];
  ssize_t got = 0;
  while ((got = recv(fd, piece, sizeof piece, 0)) > 0) {
    answer.append(piece, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

std::string Get(int port, const std::string& target) {
  return Exchange(port, absl::StrCat("GET ", target,
                                     " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
}

TEST(LoopbackListenerTest, AnswersOneAfterTheOtherUntilTheLast) {
  ASSERT_OK_AND_ASSIGN(const auto listener, LoopbackListener::Open());
  std::vector<std::string> targets;
  std::string first;
  std::string second;
  std::string last;
  std::thread browser([&] {
    // One that says nothing holds nobody up.
    const int silent = Dial(listener->port());
    first = Get(listener->port(), "/icon");
    second = Exchange(listener->port(), "POST / HTTP/1.1\r\n\r\n");
    last = Get(listener->port(), "/callback?code=c");
    close(silent);
  });
  const absl::Status served = listener->Serve(
      absl::Seconds(30), [] { return false; },
      [&](absl::string_view target) {
        targets.emplace_back(target);
        return LoopbackAnswer{targets.size() == 2 ? 200 : 404, "Done.",
                              targets.size() == 2};
      });
  browser.join();
  EXPECT_OK(served);
  EXPECT_THAT(targets, testing::ElementsAre("/icon", "/callback?code=c"));
  EXPECT_THAT(first, HasSubstr("HTTP/1.1 404"));
  EXPECT_THAT(second, HasSubstr("HTTP/1.1 400"));
  EXPECT_THAT(last, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(last, HasSubstr("Cache-Control: no-store"));
  EXPECT_THAT(last, HasSubstr("<p>Done.</p>"));
}

TEST(LoopbackListenerTest, DropsHeadsThatNeverEnd) {
  ASSERT_OK_AND_ASSIGN(const auto listener, LoopbackListener::Open());
  std::string answer = "nothing yet";
  std::thread browser([&] {
    answer = Exchange(listener->port(), "GET /" + std::string(17 << 10, 'a'));
    Get(listener->port(), "/end");
  });
  EXPECT_OK(listener->Serve(
      absl::Seconds(30), [] { return false; },
      [](absl::string_view target) {
        EXPECT_EQ(target, "/end");
        return LoopbackAnswer{200, "", true};
      }));
  browser.join();
  EXPECT_EQ(answer, "");
}

TEST(LoopbackListenerTest, EndsWithTimeAndWithCtrlC) {
  ASSERT_OK_AND_ASSIGN(const auto listener, LoopbackListener::Open());
  const auto none = [](absl::string_view) { return LoopbackAnswer{}; };
  EXPECT_THAT(listener->Serve(
                  absl::Milliseconds(1), [] { return false; }, none),
              HasReason("LOGIN_TIMED_OUT"));
  EXPECT_THAT(listener->Serve(
                  absl::Seconds(30), [] { return true; }, none),
              HasReason("INTERRUPTED"));
}

// The value of a parameter of our own URL; %-escapes of "://" alone.
std::string Parameter(const std::string& url, const std::string& name) {
  const size_t start = url.find(absl::StrCat("&", name, "="));
  if (start == std::string::npos) return "(none)";
  const size_t value = start + name.size() + 2;
  return absl::StrReplaceAll(url.substr(value, url.find('&', value) - value),
                             {{"%3A", ":"}, {"%2F", "/"}, {"%20", " "}});
}

class BrowserLoginTest : public testing::Test {
 protected:
  // `query` is what the issuer sends back; $STATE is what it was given.
  absl::StatusOr<BrowserTokens> Run(const std::string& query) {
    const LoginWorld world = issuer_.World();
    ASSIGN_OR_RETURN(const IssuerClient client, MeetIssuer(world, settings_));
    std::thread browser;
    absl::StatusOr<BrowserTokens> result = LoginByBrowser(
        world, client,
        [&](const std::string& url) {
          url_ = url;
          browser = std::thread([this, query] { Browse(query); });
          return true;
        },
        [this](const LoginPrompt& prompt) { shown_ = prompt; });
    if (browser.joinable()) browser.join();
    return result;
  }

  void Browse(const std::string& query) {
    const std::string redirect = Parameter(url_, "redirect_uri");
    const size_t colon = redirect.rfind(':') + 1;
    int port = 0;
    ASSERT_TRUE(absl::SimpleAtoi(
        redirect.substr(colon, redirect.rfind('/') - colon), &port));
    // Somebody else on this machine first.
    EXPECT_THAT(Get(port, "/callback?state=guess&code=evil"),
                HasSubstr("HTTP/1.1 400"));
    page_ = Get(port, "/callback?" +
                          absl::StrReplaceAll(
                              query, {{"$STATE", Parameter(url_, "state")}}));
  }

  FakeIssuer issuer_;
  LoginSettings settings_ = issuer_.Settings();
  std::string url_;
  std::string page_;
  LoginPrompt shown_;
};

const char kBack[] = "iss=https%3A%2F%2Flogin.example.org&state=$STATE&";

TEST_F(BrowserLoginTest, BringsACodeAndExchangesIt) {
  issuer_.Answer("/token", 200, issuer_.Tokens("at", "", "rt"));
  settings_.prompt = "consent";
  ASSERT_OK_AND_ASSIGN(const BrowserTokens got,
                       Run(absl::StrCat(kBack, "code=c1")));
  EXPECT_EQ(got.tokens.access_token.DangerouslyExpose(), "at");
  EXPECT_THAT(page_, HasSubstr("can be closed"));
  EXPECT_THAT(page_, Not(HasSubstr("c1")));
  EXPECT_TRUE(shown_.opened);
  EXPECT_EQ(shown_.url, url_);
  // What was asked.
  EXPECT_TRUE(absl::StartsWith(
      url_, "https://login.example.org/auth?response_type=code&client_id=cli"));
  EXPECT_EQ(Parameter(url_, "code_challenge_method"), "S256");
  EXPECT_EQ(Parameter(url_, "nonce"), got.nonce);
  EXPECT_EQ(Parameter(url_, "scope"), "openid offline_access");
  EXPECT_EQ(Parameter(url_, "prompt"), "consent");
  // What was exchanged (RFC 7636 4.6).
  const std::vector<base::HttpsCall> calls = issuer_.CallsTo("/token");
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(FormValueOf(calls[0], "grant_type"), "authorization_code");
  EXPECT_EQ(FormValueOf(calls[0], "code"), "c1");
  EXPECT_EQ(FormValueOf(calls[0], "redirect_uri"),
            Parameter(url_, "redirect_uri"));
  const std::string verifier = FormValueOf(calls[0], "code_verifier");
  EXPECT_EQ(verifier.size(), 43u);
  EXPECT_EQ(base::Base64UrlEncode(base::Sha256(verifier)),
            Parameter(url_, "code_challenge"));
  EXPECT_THAT(url_, Not(HasSubstr(verifier)));
}

TEST_F(BrowserLoginTest, EndsWhereItIsRefused) {
  EXPECT_THAT(Run(absl::StrCat(kBack, "error=access_denied")).status(),
              HasReason("LOGIN_DENIED"));
  EXPECT_THAT(page_, HasSubstr("refused"));
  EXPECT_TRUE(issuer_.CallsTo("/token").empty());
  issuer_.Answer("/token", 400, R"({"error":"invalid_grant"})");
  EXPECT_THAT(Run(absl::StrCat(kBack, "code=c")).status(),
              HasReason("ISSUER_REFUSED"));
}

TEST_F(BrowserLoginTest, NeedsAnIssuerThatHasItWithS256) {
  issuer_.document.Set("code_challenge_methods_supported",
                       base::Json::Array{"plain"});
  EXPECT_THAT(Run("").status(), HasReason("LOGIN_WAY_MISSING"));
  issuer_.document.Erase("authorization_endpoint");
  EXPECT_THAT(Run("").status(), HasReason("LOGIN_WAY_MISSING"));
}

}  // namespace
}  // namespace countersign::client
