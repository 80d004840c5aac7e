// An HSM that can lose power, for tests: SoftHSM behind `p11-kit server` on a
// socket, in processes of its own that can be killed, stopped and started
// again. One instance at a time in a process: the client module finds the
// socket by an environment variable.
#ifndef COUNTERSIGN_HSM_P11_KIT_SERVER_H_
#define COUNTERSIGN_HSM_P11_KIT_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace countersign::hsm {

// Debian's place of the module that talks to the server.
inline constexpr char kP11KitClientModule[] =
    "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";

// Single-thread.
class P11KitServer {
 public:
  // Serves what SOFTHSM2_CONF shows now. Blocks until clients can connect;
  // P11_KIT_SERVER_ADDRESS leads there from now on.
  static absl::StatusOr<std::unique_ptr<P11KitServer>> Create();
  // One whose socket is `directory`/s, not started: its clients know already.
  explicit P11KitServer(std::string directory)
      : directory_(std::move(directory)) {}
  // As Kill, and removes the directory.
  ~P11KitServer();
  P11KitServer(const P11KitServer&) = delete;
  P11KitServer& operator=(const P11KitServer&) = delete;

  // The server and each connection's process, at once: a power cut.
  void Kill();
  // Up again, on the same socket. Blocks until clients can connect.
  absl::Status Start();
  // The connections alone: new ones can be made at once.
  void KillConnections();
  // The connections neither answer nor break, until Resume.
  void StopConnections();
  void ResumeConnections();

 private:
  std::string Socket() const { return directory_ + "/s"; }
  bool Accepts() const;
  std::vector<pid_t> Connections() const;
  void SignalConnections(int signal) const;

  const std::string directory_;
  pid_t pid_ = 0;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_P11_KIT_SERVER_H_
