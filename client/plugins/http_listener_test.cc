#include "client/plugins/http_listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/clock.h"
#include "base/status_matchers.h"
#include "client/plugins/test_http_call.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

// Serves until it goes away.
class Served {
 public:
  explicit Served(std::unique_ptr<HttpListener> listener,
                  HttpHandler handler = Echo)
      : listener_(std::move(listener)), thread_([this, handler] {
          listener_->Serve(handler, absl::Hours(1),
                           [this] { return end_.load(); });
        }) {}
  ~Served() { End(); }
  void End() {
    end_ = true;
    if (thread_.joinable()) thread_.join();
  }
  const std::string& address() const { return listener_->address(); }

  static HttpResponse Echo(const HttpRequest& request) {
    return {200, "text/plain", absl::StrCat(request.target, request.body)};
  }

 private:
  std::unique_ptr<HttpListener> listener_;
  std::atomic<bool> end_{false};
  std::thread thread_;
};

std::unique_ptr<HttpListener> OnUnix() {
  auto listener = HttpListener::OnUnixSocket("/tmp");
  EXPECT_OK(listener);
  return *std::move(listener);
}

std::string Call(const Served& served, const std::string& body) {
  const auto answer =
      Exchange(served.address(), CallText("POST", "/sign", body, ""));
  return answer.ok() ? BodyOf(*answer) : answer.status().ToString();
}

TEST(HttpListenerTest, AnswersOnAUnixSocketAndOnLoopback) {
  Served unix_socket(OnUnix());
  EXPECT_EQ(Call(unix_socket, "x"), "/signx");
  auto loopback = HttpListener::OnLoopback();
  ASSERT_OK(loopback);
  Served tcp(*std::move(loopback));
  EXPECT_EQ(Call(tcp, "y"), "/signy");
}

TEST(HttpListenerTest, LetsNobodyElseInAndCleansUp) {
  std::string path;
  {
    Served served(OnUnix());
    path = std::string(absl::StripPrefix(served.address(), "http+unix://"));
    const std::string folder = path.substr(0, path.rfind('/'));
    struct stat info = {};
    ASSERT_EQ(stat(folder.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    path = folder;
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(HttpListenerTest, AnswersOthersWhileOneIsSlow) {
  Served served(OnUnix());
  const auto silent = ConnectToPlugin(served.address());
  ASSERT_OK(silent);
  EXPECT_EQ(Call(served, "x"), "/signx");
  close(*silent);
}

TEST(HttpListenerTest, AnswersManyAtOnce) {
  Served served(OnUnix());
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int i = 0; i < 40; ++i) {
    callers.emplace_back([&served, &right, i] {
      if (Call(served, absl::StrCat(i)) == absl::StrCat("/sign", i)) ++right;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 40);
}

TEST(HttpListenerTest, SaysWhatIsWrongWithARequest) {
  Served served(OnUnix());
  for (const auto& [text, code] : std::vector<std::pair<std::string, int>>{
           {"nonsense\r\n\r\n", 400},
           {"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413}}) {
    const auto answer = Exchange(served.address(), text);
    ASSERT_OK(answer);
    EXPECT_EQ(CodeOf(*answer), code) << *answer;
  }
}

TEST(HttpListenerTest, FinishesWhatIsUnderWayAtTheEnd) {
  std::atomic<bool> begun{false};
  Served served(OnUnix(), [&begun](const HttpRequest&) {
    begun = true;
    base::SleepFor(absl::Milliseconds(200));
    return HttpResponse{200, "text/plain", "done"};
  });
  std::string got;
  std::thread caller([&] { got = Call(served, "x"); });
  while (!begun) base::SleepFor(absl::Milliseconds(1));
  served.End();
  caller.join();
  EXPECT_EQ(got, "done");
}

TEST(HttpListenerTest, EndsWhereNobodyCalls) {
  const auto listener = OnUnix();
  listener->Serve(Served::Echo, absl::Milliseconds(50), [] { return false; });
}

TEST(HttpListenerTest, NamesAFolderThatIsTooLong) {
  EXPECT_FALSE(
      HttpListener::OnUnixSocket(absl::StrCat("/", std::string(200, 'x')))
          .ok());
  EXPECT_FALSE(HttpListener::OnUnixSocket("/none/of/this").ok());
}

}  // namespace
}  // namespace countersign::client
