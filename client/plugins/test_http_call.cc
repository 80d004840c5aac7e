#include "client/plugins/test_http_call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace countersign::client {
namespace {

int ConnectTo(int family, const void* name, socklen_t size) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, static_cast<const sockaddr*>(name), size) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

absl::StatusOr<int> ConnectToPlugin(const std::string& address) {
  absl::string_view rest = address;
  int fd = -1;
  if (absl::ConsumePrefix(&rest, "http+unix://")) {
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    if (rest.size() >= sizeof(name.sun_path)) {
      return absl::InvalidArgumentError(address);
    }
    std::memcpy(name.sun_path, rest.data(), rest.size());
    fd = ConnectTo(AF_UNIX, &name, sizeof(name));
  } else if (absl::ConsumePrefix(&rest, "http://127.0.0.1:")) {
    int port = 0;
    if (!absl::SimpleAtoi(rest, &port)) {
      return absl::InvalidArgumentError(address);
    }
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<uint16_t>(port));
    fd = ConnectTo(AF_INET, &name, sizeof(name));
  }
  if (fd < 0) return absl::UnavailableError(address);
  return fd;
}

absl::StatusOr<std::string> Exchange(const std::string& address,
                                     const std::string& octets) {
  const absl::StatusOr<int> fd = ConnectToPlugin(address);
  if (!fd.ok()) return fd.status();
  const auto closed = absl::MakeCleanup([&fd] { close(*fd); });
  absl::string_view rest = octets;
  while (!rest.empty()) {
    const ssize_t sent = send(*fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    // An answer may be there before everything was taken.
    if (sent <= 0) break;
    rest.remove_prefix(sent);
  }
  std::string answer;
  char piece[4096];
  while (true) {
    const ssize_t got = recv(*fd, piece, sizeof(piece), 0);
    if (got <= 0) break;
    answer.append(piece, got);
  }
  return answer;
}

std::string CallText(const std::string& method, const std::string& target,
                     const std::string& body,
                     const std::string& authorization) {
  return absl::StrCat(
      method, " ", target, " HTTP/1.1\r\nHost: unix\r\n",
      "User-Agent: Go-http-client/1.1\r\n",
      body.empty() ? "" : absl::StrCat("Content-Length: ", body.size(), "\r\n"),
      "Accept: application/json\r\n",
      authorization.empty()
          ? ""
          : absl::StrCat("Authorization: ", authorization, "\r\n"),
      body.empty() ? "" : "Content-Type: application/json\r\n",
      "Accept-Encoding: gzip\r\n\r\n", body);
}

int CodeOf(const std::string& answer) {
  absl::string_view rest = answer;
  int code = 0;
  if (!absl::ConsumePrefix(&rest, "HTTP/1.1 ") ||
      !absl::SimpleAtoi(rest.substr(0, 3), &code)) {
    return 0;
  }
  return code;
}

std::string BodyOf(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace countersign::client
