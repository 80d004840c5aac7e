#include "client/plugins/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace countersign::client {
namespace {

constexpr size_t kMostConnections = 16;
// For a whole request, and for a whole answer.
constexpr absl::Duration kPatience = absl::Seconds(30);
// How soon an interruption is seen.
constexpr int kTickMilliseconds = 100;
constexpr char kSocketName[] = "/plugin.socket";

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
}

// True where `fd` is ready for `events` before `deadline` (steady).
bool WaitFor(int fd, short events, absl::Duration deadline,
             const std::function<bool()>& interrupted) {
  while (base::SteadyNow() < deadline && !interrupted()) {
    pollfd entry = {fd, events, 0};
    const int ready = poll(&entry, 1, kTickMilliseconds);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

// The next request; an error that the caller should be told, or UNAVAILABLE
// where nobody is there to be told.
absl::StatusOr<HttpRequest> ReadRequest(
    int fd, const std::function<bool()>& interrupted) {
  const absl::Duration deadline = base::SteadyNow() + kPatience;
  HttpRequestReader reader;
  char piece[16 << 10];
  while (WaitFor(fd, POLLIN, deadline, interrupted)) {
    const ssize_t got = recv(fd, piece, sizeof(piece), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::UnavailableError("closed");
    const absl::StatusOr<bool> whole =
        reader.Feed(absl::string_view(piece, got));
    if (!whole.ok()) return whole.status();
    if (*whole) return reader.Take();
  }
  return absl::UnavailableError("too slow");
}

void WriteAll(int fd, absl::string_view text) {
  const absl::Duration deadline = base::SteadyNow() + kPatience;
  // An answer that is there is given even where the process shall end.
  while (!text.empty() &&
         WaitFor(fd, POLLOUT, deadline, [] { return false; })) {
    const ssize_t sent =
        send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return;
    text.remove_prefix(sent);
  }
}

void Answer(int fd, const HttpHandler& handler,
            const std::function<bool()>& interrupted) {
  const auto closed = absl::MakeCleanup([fd] { close(fd); });
  const absl::StatusOr<HttpRequest> request = ReadRequest(fd, interrupted);
  if (request.ok()) {
    WriteAll(fd, FormatHttpResponse(handler(*request)));
  } else if (request.status().code() != absl::StatusCode::kUnavailable) {
    WriteAll(fd, FormatHttpResponse({HttpCodeOf(request.status()), "text/plain",
                                     std::string(request.status().message())}));
  }
}

struct Worker {
  std::atomic<bool> done{false};
  std::thread thread;
};

void Reap(std::list<Worker>& workers, bool all) {
  for (auto at = workers.begin(); at != workers.end();) {
    if (!all && !at->done) {
      ++at;
      continue;
    }
    at->thread.join();
    at = workers.erase(at);
  }
}

}  // namespace

HttpListener::HttpListener(int fd, std::string address, std::string folder)
    : fd_(fd), address_(std::move(address)), folder_(std::move(folder)) {}

HttpListener::~HttpListener() {
  close(fd_);
  if (folder_.empty()) return;
  unlink(absl::StrCat(folder_, kSocketName).c_str());
  rmdir(folder_.c_str());
}

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::OnUnixSocket(
    const std::string& parent) {
  std::string folder = absl::StrCat(parent, "/ocm-countersign-XXXXXX");
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  // The name of a socket is short (unix(7)).
  if (folder.size() + sizeof(kSocketName) > sizeof(name.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(parent, " is too long for a socket's name"));
  }
  if (mkdtemp(folder.data()) == nullptr) return SystemError(folder);
  const std::string path = absl::StrCat(folder, kSocketName);
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    rmdir(folder.c_str());
    return SystemError("socket");
  }
  // From here on it is removed whatever happens.
  std::unique_ptr<HttpListener> listener(new HttpListener(
      fd, absl::StrCat("http+unix://", path), std::move(folder)));
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    return SystemError(path);
  }
  return listener;
}

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::OnLoopback() {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(name);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError("socket");
  auto closed = absl::MakeCleanup([fd] { close(fd); });
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
      listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return SystemError("127.0.0.1");
  }
  std::move(closed).Cancel();
  return std::unique_ptr<HttpListener>(new HttpListener(
      fd, absl::StrCat("http://127.0.0.1:", ntohs(name.sin_port)), ""));
}

void HttpListener::Serve(const HttpHandler& handler, absl::Duration idle,
                         const std::function<bool()>& interrupted) {
  std::list<Worker> workers;
  absl::Duration last_busy = base::SteadyNow();
  while (!interrupted()) {
    Reap(workers, /*all=*/false);
    if (!workers.empty()) last_busy = base::SteadyNow();
    if (base::SteadyNow() - last_busy >= idle) break;
    pollfd entry = {fd_, POLLIN, 0};
    // Where there are enough, new callers wait in the listen queue.
    const nfds_t watched = workers.size() < kMostConnections ? 1 : 0;
    if (poll(&entry, watched, kTickMilliseconds) <= 0) continue;
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    Worker& worker = workers.emplace_back();
    worker.thread = std::thread([fd, &worker, &handler, &interrupted] {
      Answer(fd, handler, interrupted);
      worker.done = true;
    });
  }
  Reap(workers, /*all=*/true);
}

}  // namespace countersign::client
