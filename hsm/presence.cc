#include "hsm/presence.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/openssl.h"

namespace countersign::hsm {
namespace {

// One process may announce one token more than once (two modules that reach the
// same device); each has its own name.
constexpr int kMaxNames = 8;

// A digest: labels hold blanks and whatever else, names in that file end there.
std::string TokenPath(absl::string_view label, absl::string_view serial) {
  const std::string text =
      absl::StrCat(label, absl::string_view("\0", 1), serial);
  return absl::StrCat("countersign/token/",
                      base::HexEncode(base::Sha256(text)).substr(0, 32), "/");
}

// Abstract: the first octet is NUL, and all octets of the length count.
bool Bind(int socket, absl::string_view name) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const size_t size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  return bind(socket, reinterpret_cast<const sockaddr*>(&address),
              static_cast<socklen_t>(size)) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Presence>> Presence::Announce(
    absl::string_view label, absl::string_view serial) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrCat("no socket to announce the token with: errno ", errno));
  }
  std::unique_ptr<Presence> presence(new Presence(fd));
  const std::string name = absl::StrCat(TokenPath(label, serial), getpid());
  for (int i = 0; i < kMaxNames; ++i) {
    if (Bind(fd, i == 0 ? name : absl::StrCat(name, ".", i))) return presence;
    if (errno != EADDRINUSE) break;
  }
  return absl::UnavailableError(
      absl::StrCat("the token cannot be announced as served: errno ", errno));
}

Presence::~Presence() { close(socket_); }

absl::StatusOr<std::vector<pid_t>> FindServers(absl::string_view label,
                                               absl::string_view serial) {
  const absl::StatusOr<std::string> text = base::ReadFile("/proc/net/unix");
  if (!text.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "who serves the token cannot be seen: ", text.status().message()));
  }
  return ParseServers(*text, label, serial);
}

std::vector<pid_t> ParseServers(absl::string_view proc_net_unix,
                                absl::string_view label,
                                absl::string_view serial) {
  // The kernel shows the NUL before an abstract name as "@".
  const std::string begin = absl::StrCat("@", TokenPath(label, serial));
  std::set<pid_t> found;
  for (const absl::string_view line : absl::StrSplit(proc_net_unix, '\n')) {
    absl::string_view name = line.substr(line.rfind(' ') + 1);
    if (!absl::ConsumePrefix(&name, begin)) continue;
    pid_t pid = 0;
    if (absl::SimpleAtoi(name.substr(0, name.find('.')), &pid) && pid > 0) {
      found.insert(pid);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace countersign::hsm
