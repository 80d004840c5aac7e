#include "server/listen_problem.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/strip.h"

namespace countersign::server {
namespace {

struct AddressInfoDeleter {
  void operator()(addrinfo* info) const { freeaddrinfo(info); }
};

}  // namespace

std::string ListenProblem(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return "it has no port";
  absl::string_view host = address.substr(0, colon);
  const std::string port(address.substr(colon + 1));
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");

  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int resolved =
      getaddrinfo(std::string(host).c_str(), port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, AddressInfoDeleter> owner(found);
  if (resolved != 0) return gai_strerror(resolved);

  const int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC,
                        found->ai_protocol);
  if (fd < 0) return std::strerror(errno);
  const absl::Cleanup close_it = [fd] { close(fd); };
  const int on = 1;
  // As gRPC does, so that a port in TIME_WAIT counts as free.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0) {
    return std::strerror(errno);
  }
  return "the certificate and its private key do not go together, or are of a "
         "kind that TLS 1.3 does not take";
}

}  // namespace countersign::server
