#include "client/login/loopback_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxHead = 16 << 10;
constexpr size_t kMaxConnections = 16;
constexpr int kPollMilliseconds = 50;

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }
  Connection(Connection&& o) noexcept
      : fd_(std::exchange(o.fd_, -1)), head_(std::move(o.head_)) {}
  Connection& operator=(Connection&& o) noexcept {
    std::swap(fd_, o.fd_);
    std::swap(head_, o.head_);
    return *this;
  }

  int fd() const { return fd_; }
  absl::string_view head() const { return head_; }
  bool complete() const { return absl::StrContains(head_, "\r\n\r\n"); }

  // False when there is no more to read, or too much.
  bool Read() {
    char piece[4096];
    const ssize_t got = recv(fd_, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    head_.append(piece, static_cast<size_t>(got));
    return head_.size() <= kMaxHead;
  }

  // Small enough for the socket's buffer; who does not read it has no answer.
  void Write(absl::string_view octets) const {
    while (!octets.empty()) {
      const ssize_t sent =
          send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return;
      octets.remove_prefix(static_cast<size_t>(sent));
    }
    shutdown(fd_, SHUT_WR);
  }

 private:
  int fd_;
  std::string head_;
};

// The target of "GET TARGET HTTP/1.1"; nullopt for anything else.
std::optional<absl::string_view> TargetOf(absl::string_view head) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(head.substr(0, head.find("\r\n")), ' ');
  if (words.size() != 3 || words[0] != "GET" ||
      !absl::StartsWith(words[1], "/") ||
      !absl::StartsWith(words[2], "HTTP/1.")) {
    return std::nullopt;
  }
  return words[1];
}

std::string Page(const LoopbackAnswer& answer) {
  const std::string body = absl::StrCat(
      "<!DOCTYPE html><html><head><meta charset=\"utf-8\">"
      "<title>countersign</title></head><body><p>",
      answer.text, "</p></body></html>\n");
  // The address has the code in it: nothing may keep it or pass it on.
  return absl::StrCat(
      "HTTP/1.1 ", answer.code, answer.code == 200 ? " OK" : " No",
      "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ",
      body.size(),
      "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
      "Content-Security-Policy: default-src 'none'\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
      body);
}

enum class Step {
  kWaiting,  // for more of the head
  kOver,     // answered, or gone
  kLast,     // answered, and nothing more is to come
};

// Reads what has come, and answers when it is whole.
Step Advance(Connection& connection,
             const std::function<LoopbackAnswer(absl::string_view)>& answer) {
  const bool open = connection.Read();
  if (!connection.complete()) return open ? Step::kWaiting : Step::kOver;
  const std::optional<absl::string_view> target = TargetOf(connection.head());
  const LoopbackAnswer page =
      target.has_value() ? answer(*target)
                         : LoopbackAnswer{400, "Only GET is known here."};
  connection.Write(Page(page));
  return page.last ? Step::kLast : Step::kOver;
}

absl::Status NoPort() {
  return absl::ErrnoToStatus(errno, "opening a port of 127.0.0.1");
}

// Waits a little for any of them; the listening socket comes first.
void PollAll(int listening, const std::vector<Connection>& connections,
             std::vector<pollfd>& polled) {
  polled.assign(1, {listening, POLLIN, 0});
  for (const Connection& connection : connections) {
    polled.push_back({connection.fd(), POLLIN, 0});
  }
  if (poll(polled.data(), polled.size(), kPollMilliseconds) < 0) {
    for (pollfd& one : polled) one.revents = 0;
  }
}

void Accept(int listening, std::vector<Connection>& connections) {
  const int fd = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  // Who comes next takes the place of who has waited longest.
  if (connections.size() == kMaxConnections) {
    connections.erase(connections.begin());
  }
  connections.emplace_back(fd);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoopbackListener>> LoopbackListener::Open() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return NoPort();
  absl::Cleanup close_fd = [fd] { close(fd); };
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, size) != 0 || listen(fd, 16) != 0 ||
      getsockname(fd, generic, &size) != 0) {
    return NoPort();
  }
  std::move(close_fd).Cancel();
  return std::unique_ptr<LoopbackListener>(
      new LoopbackListener(fd, ntohs(address.sin_port)));
}

LoopbackListener::~LoopbackListener() { close(fd_); }

absl::Status LoopbackListener::Serve(
    absl::Duration time_limit, const std::function<bool()>& interrupted,
    const std::function<LoopbackAnswer(absl::string_view)>& answer) {
  const absl::Duration until = base::SteadyNow() + time_limit;
  std::vector<Connection> connections;
  std::vector<pollfd> polled;
  while (base::SteadyNow() < until) {
    if (interrupted()) return LoginInterrupted();
    PollAll(fd_, connections, polled);
    // From the back, so that what is removed moves nothing that is still to be
    // looked at.
    for (size_t i = connections.size(); i-- > 0;) {
      if (polled[i + 1].revents == 0) continue;
      const Step step = Advance(connections[i], answer);
      if (step == Step::kLast) return absl::OkStatus();
      if (step == Step::kOver) {
        connections.erase(connections.begin() + static_cast<ptrdiff_t>(i));
      }
    }
    if (polled[0].revents != 0) Accept(fd_, connections);
  }
  return LoginTimedOut("nobody came back from the browser");
}

}  // namespace countersign::client
