// An HTTPS server for tests of what calls other people's servers: answers what
// a function says, on a free port of loopback, with a certificate made at its
// start. HTTP/1.1, one connection after the other, each closed after its
// answer. For tests of every room.
#ifndef COUNTERSIGN_BASE_TESTING_HTTPS_SERVER_H_
#define COUNTERSIGN_BASE_TESTING_HTTPS_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace countersign::base {

struct TestingRequest {
  std::string method;
  std::string target;                          // "/token?a=b"
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

struct TestingReply {
  int code = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Says nothing until the caller or the test goes away.
  bool hang = false;
};

// Thread-safe.
class TestingHttpsServer {
 public:
  using Handler = std::function<TestingReply(const TestingRequest&)>;
  struct Options {
    bool tls = true;
    bool only_tls12 = false;
    // subjectAltName of its certificate, OpenSSL's syntax.
    std::string names = "IP:127.0.0.1,DNS:localhost";
  };

  // Ends the process where it cannot listen. `handler` is called on the
  // server's thread.
  explicit TestingHttpsServer(Handler handler);
  TestingHttpsServer(Handler handler, const Options& options);
  ~TestingHttpsServer();
  TestingHttpsServer(const TestingHttpsServer&) = delete;
  TestingHttpsServer& operator=(const TestingHttpsServer&) = delete;

  std::string origin() const;  // "https://127.0.0.1:PORT"
  int port() const;
  const std::string& ca_pem() const;  // its own certificate
  std::vector<TestingRequest> Requests() const;

 private:
  class Tls;
  class Connection;
  void Serve();
  void ServeOne(Connection& connection);

  const Handler handler_;
  std::unique_ptr<Tls> tls_;
  int listener_ = -1;
  int port_ = 0;
  mutable Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int current_ ABSL_GUARDED_BY(mutex_) = -1;
  std::vector<TestingRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_TESTING_HTTPS_SERVER_H_
