#include "hsm/p11_kit_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "hsm/softhsm_token.h"

namespace countersign::hsm {

absl::StatusOr<std::unique_ptr<P11KitServer>> P11KitServer::Create() {
  // Not TEST_TMPDIR: a longer path than 106 octets is no socket's.
  std::string directory = "/tmp/p11-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::InternalError("mkdtemp failed");
  }
  auto server = std::make_unique<P11KitServer>(std::move(directory));
  setenv("P11_KIT_SERVER_ADDRESS",
         absl::StrCat("unix:path=", server->Socket()).c_str(), 1);
  RETURN_IF_ERROR(server->Start());
  return server;
}

P11KitServer::~P11KitServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status P11KitServer::Start() {
  std::string socket = Socket();
  std::string module = kSoftHsmModule;
  // In the foreground (-f): its process is our child then.
  std::string words[] = {"p11-kit", "server", "-f",   "--provider",
                         module,    "--name", socket, "pkcs11:"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  // It prints its address, and complains of each connection that broke.
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  const int spawned =
      posix_spawnp(&pid_, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (spawned != 0) {
    pid_ = 0;
    return absl::UnavailableError("cannot start p11-kit");
  }
  const absl::Duration until = base::SteadyNow() + absl::Seconds(30);
  while (!Accepts()) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      return absl::InternalError("p11-kit server ended");
    }
    if (base::SteadyNow() > until) {
      return absl::DeadlineExceededError("p11-kit server does not listen");
    }
    base::SleepFor(absl::Milliseconds(1));
  }
  return absl::OkStatus();
}

bool P11KitServer::Accepts() const {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = Socket();
  std::copy(path.begin(), path.end(), address.sun_path);
  const int connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(fd);
  return connected == 0;
}

void P11KitServer::Kill() {
  if (pid_ == 0) return;
  // Stopped first, so that no connection is made between look and kill.
  kill(pid_, SIGSTOP);
  SignalConnections(SIGKILL);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void P11KitServer::KillConnections() { SignalConnections(SIGKILL); }
void P11KitServer::StopConnections() { SignalConnections(SIGSTOP); }
void P11KitServer::ResumeConnections() { SignalConnections(SIGCONT); }

std::vector<pid_t> P11KitServer::Connections() const {
  std::vector<pid_t> pids;
  std::ifstream file(absl::StrCat("/proc/", pid_, "/task/", pid_, "/children"));
  pid_t pid = 0;
  while (file >> pid) pids.push_back(pid);
  return pids;
}

void P11KitServer::SignalConnections(int signal) const {
  for (const pid_t pid : Connections()) kill(pid, signal);
}

}  // namespace countersign::hsm
