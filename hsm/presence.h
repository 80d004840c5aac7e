// A process says that it serves a token, so that the key ceremony tool can
// refuse to disturb it: a socket that is bound to an abstract name (unix(7))
// and never listens. The kernel frees it with the process, it needs no folder
// and no rights. A courtesy, no lock: a process in another network namespace
// (most containers) or on another machine is not seen, and anyone on this
// machine can say the same; the tool has --force. Announced by the engine for
// each token that it opens, looked for by hsm/ceremony.
#ifndef COUNTERSIGN_HSM_PRESENCE_H_
#define COUNTERSIGN_HSM_PRESENCE_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::hsm {

// Seen from Announce until it dies.
class Presence {
 public:
  // `label` and `serial` as the token has them; serial numbers alone are all
  // equal with some modules. Does not block. UNAVAILABLE where the name cannot
  // be had: a reason to log, none to stop.
  static absl::StatusOr<std::unique_ptr<Presence>> Announce(
      absl::string_view label, absl::string_view serial);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  explicit Presence(int socket) : socket_(socket) {}

  const int socket_;
};

// The processes that said so, ascending, each once; our own among them. Reads
// /proc/net/unix: UNAVAILABLE where there is none.
absl::StatusOr<std::vector<pid_t>> FindServers(absl::string_view label,
                                               absl::string_view serial);

// The same from the text of that file. Pure.
std::vector<pid_t> ParseServers(absl::string_view proc_net_unix,
                                absl::string_view label,
                                absl::string_view serial);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_PRESENCE_H_
