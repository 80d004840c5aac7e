#include "client/oci/hostile_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace countersign::client {
namespace {

bool SendAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

HostileReply Reply(int status, const std::vector<std::string>& headers,
                   absl::string_view body) {
  HostileReply reply;
  reply.bytes = absl::StrCat("HTTP/1.1 ", status, " x\r\n");
  for (const std::string& header : headers) {
    absl::StrAppend(&reply.bytes, header, "\r\n");
  }
  absl::StrAppend(&reply.bytes, "Content-Length: ", body.size(),
                  "\r\nConnection: close\r\n\r\n", body);
  return reply;
}

HostileServer::HostileServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, plain, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, plain, &size) != 0 || pipe(stop_) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

HostileServer::~HostileServer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

std::string HostileServer::host() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::vector<HostileRequest> HostileServer::Requests() const {
  base::MutexLock lock(mutex_);
  return requests_;
}

bool HostileServer::WaitFor(int fd) {
  pollfd both[] = {{fd, POLLIN, 0}, {stop_[0], POLLIN, 0}};
  while (poll(both, 2, -1) < 0) {
  }
  return both[1].revents == 0;
}

void HostileServer::Serve() {
  while (WaitFor(listener_)) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ServeOne(fd);
    close(fd);
  }
}

bool HostileServer::ReadRequest(int fd, HostileRequest& request) {
  std::string text;
  size_t end = text.npos;
  size_t length = 0;
  char piece[16384];
  while (end == text.npos || text.size() < end + 4 + length) {
    if (!WaitFor(fd)) return false;
    const ssize_t got = recv(fd, piece, sizeof piece, 0);
    if (got <= 0) return false;
    text.append(piece, static_cast<size_t>(got));
    if (!absl::ascii_isupper(text[0])) return false;  // TLS, say
    if (end != text.npos) continue;
    end = text.find("\r\n\r\n");
    if (end == text.npos) continue;
    std::vector<std::string> lines =
        absl::StrSplit(text.substr(0, end), "\r\n");
    const std::vector<std::string> first = absl::StrSplit(lines[0], ' ');
    if (first.size() != 3) return false;
    request.method = first[0];
    request.target = first[1];
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(':');
      if (colon == text.npos) return false;
      request.headers[absl::AsciiStrToLower(lines[i].substr(0, colon))] =
          std::string(absl::StripAsciiWhitespace(lines[i].substr(colon + 1)));
    }
    const auto found = request.headers.find("content-length");
    if (found != request.headers.end() &&
        !absl::SimpleAtoi(found->second, &length)) {
      return false;
    }
    if (request.headers.count("expect") > 0) {
      SendAll(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    }
  }
  request.body = text.substr(end + 4);
  return true;
}

void HostileServer::ServeOne(int fd) {
  HostileRequest request;
  if (!ReadRequest(fd, request)) return;
  {
    base::MutexLock lock(mutex_);
    requests_.push_back(request);
  }
  const HostileReply reply = handler_(request);
  bool there = SendAll(fd, reply.bytes);
  switch (reply.then) {
    case HostileReply::Then::kClose:
      break;
    case HostileReply::Then::kRepeatForever:
      while (there) there = SendAll(fd, reply.repeat);
      break;
    case HostileReply::Then::kHang: {
      char ignored[16];
      while (WaitFor(fd) && recv(fd, ignored, sizeof ignored, 0) > 0) {
      }
      break;
    }
  }
}

}  // namespace countersign::client
