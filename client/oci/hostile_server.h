// An HTTP/1.1 server for tests that answers whatever a function says, right or
// wrong, on a free port of loopback. One connection after the other; each is
// closed after its answer.
#ifndef COUNTERSIGN_CLIENT_OCI_HOSTILE_SERVER_H_
#define COUNTERSIGN_CLIENT_OCI_HOSTILE_SERVER_H_

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace countersign::client {

struct HostileRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

struct HostileReply {
  std::string bytes;  // as they go over the wire
  enum class Then { kClose, kRepeatForever, kHang } then = Then::kClose;
  std::string repeat;  // for kRepeatForever
};

// "HTTP/1.1 STATUS x", the headers, Content-Length and the body.
HostileReply Reply(int status, const std::vector<std::string>& headers = {},
                   absl::string_view body = "");

// Thread-safe.
class HostileServer {
 public:
  using Handler = std::function<HostileReply(const HostileRequest&)>;

  // Ends the process where it cannot listen. `handler` is called on a thread of
  // the server's.
  explicit HostileServer(Handler handler);
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  std::string host() const;  // "127.0.0.1:PORT"
  std::vector<HostileRequest> Requests() const;

 private:
  void Serve();
  void ServeOne(int fd);
  // False where the other side is gone or speaks no HTTP.
  bool ReadRequest(int fd, HostileRequest& request);
  // Waits until there is something to read; false at the end of the server.
  bool WaitFor(int fd);

  const Handler handler_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  mutable base::Mutex mutex_;
  std::vector<HostileRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_HOSTILE_SERVER_H_
