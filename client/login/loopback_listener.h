// A web server for one redirect (RFC 8252 7.3): 127.0.0.1 and a port that the
// system chooses, GET alone, small heads, plain text back. Browsers open
// connections in advance and say nothing on them, so several are held at once.
// Called by browser_login.h.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOOPBACK_LISTENER_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOOPBACK_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace countersign::client {

struct LoopbackAnswer {
  int code = 200;
  std::string text;   // ASCII, one line
  bool last = false;  // nothing more is to come
};

// Single-thread.
class LoopbackListener {
 public:
  // UNAVAILABLE where no port can be had.
  static absl::StatusOr<std::unique_ptr<LoopbackListener>> Open();
  ~LoopbackListener();
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  int port() const { return port_; }

  // Blocks: asks `answer` about the target ("/callback?code=...") of each GET
  // until one is the last. CANCELLED (INTERRUPTED) soon after `interrupted`,
  // DEADLINE_EXCEEDED (LOGIN_TIMED_OUT) when `time_limit` has passed.
  absl::Status Serve(
      absl::Duration time_limit, const std::function<bool()>& interrupted,
      const std::function<LoopbackAnswer(absl::string_view)>& answer);

 private:
  LoopbackListener(int fd, int port) : fd_(fd), port_(port) {}

  const int fd_;
  const int port_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOOPBACK_LISTENER_H_
