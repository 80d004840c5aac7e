#include "client/oci/docker_registry.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/file.h"

extern char** environ;

namespace countersign::client {
namespace {

constexpr char kProgram[] = "/usr/bin/docker-registry";
constexpr int kStarts = 5;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A port that was free a moment ago: docker-registry does not tell which one it
// took on port 0, so another start follows where somebody was faster.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const absl::Cleanup closer = [fd] { close(fd); };
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const absl::Cleanup closer = [fd] { close(fd); };
  const sockaddr_in address = Loopback(port);
  return connect(fd, reinterpret_cast<const sockaddr*>(&address),
                 sizeof address) == 0;
}

std::string WriteConfig(int port, absl::string_view htpasswd) {
  const char* temporary = std::getenv("TEST_TMPDIR");
  std::string folder = absl::StrCat(temporary == nullptr ? "/tmp" : temporary,
                                    "/registry-", getpid(), "-", port);
  mkdir(folder.c_str(), 0700);
  std::string text = absl::StrCat(
      "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
      "storage: {filesystem: {rootdirectory: ",
      folder,
      "/data}}\n"
      "http: {addr: '127.0.0.1:",
      port, "'}\n");
  if (!htpasswd.empty()) {
    static_cast<void>(
        base::WriteFileAtomically(folder + "/htpasswd", htpasswd, 0600));
    absl::StrAppend(&text, "auth: {htpasswd: {realm: r, path: ", folder,
                    "/htpasswd}}\n");
  }
  static_cast<void>(base::WriteFileAtomically(folder + "/config.yml", text));
  return folder;
}

pid_t Spawn(const std::string& folder) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup done = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  const std::string log = folder + "/log";
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  std::string config = folder + "/config.yml";
  std::string name = "docker-registry";
  std::string serve = "serve";
  char* arguments[] = {name.data(), serve.data(), config.data(), nullptr};
  pid_t pid = -1;
  if (posix_spawn(&pid, kProgram, &actions, nullptr, arguments, environ) != 0) {
    return -1;
  }
  return pid;
}

}  // namespace

std::unique_ptr<DockerRegistry> DockerRegistry::Start(
    absl::string_view htpasswd) {
  if (access(kProgram, X_OK) != 0) {
    std::printf("skipped: %s is not there\n", kProgram);
    return nullptr;
  }
  for (int start = 0; start < kStarts; ++start) {
    const int port = FreePort();
    const pid_t pid = Spawn(WriteConfig(port, htpasswd));
    if (pid < 0) continue;
    std::unique_ptr<DockerRegistry> registry(new DockerRegistry(pid, port));
    for (int i = 0; i < 600; ++i) {
      if (waitpid(pid, nullptr, WNOHANG) == pid) break;  // somebody's port
      if (Answers(port)) return registry;
      base::SleepFor(absl::Milliseconds(50));
    }
  }
  std::printf("skipped: docker-registry does not start\n");
  return nullptr;
}

DockerRegistry::~DockerRegistry() {
  if (kill(pid_, SIGKILL) == 0) waitpid(pid_, nullptr, 0);
}

std::string DockerRegistry::host() const {
  return absl::StrCat("127.0.0.1:", port_);
}

}  // namespace countersign::client
