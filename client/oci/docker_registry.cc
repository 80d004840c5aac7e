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

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

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

// What the registry is to be, as files beside its configuration.
struct Setup {
  absl::string_view htpasswd;
  absl::string_view certificate;
  absl::string_view private_key;
};

std::string WriteConfig(int port, const Setup& setup) {
  std::string folder =
      absl::StrCat(testing::TempDir(), "/registry-", getpid(), "-", port);
  mkdir(folder.c_str(), 0700);
  const auto write = [&](const char* name, absl::string_view text) {
    EXPECT_OK(
        base::WriteFileAtomically(absl::StrCat(folder, "/", name), text, 0600));
  };
  std::string text = absl::StrCat(
      "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
      "storage: {filesystem: {rootdirectory: ",
      folder,
      "/data}}\n"
      "http:\n  addr: '127.0.0.1:",
      port, "'\n");
  if (!setup.certificate.empty()) {
    write("tls.pem", setup.certificate);
    write("tls.key", setup.private_key);
    absl::StrAppend(&text, "  tls: {certificate: ", folder,
                    "/tls.pem, key: ", folder, "/tls.key}\n");
  }
  if (!setup.htpasswd.empty()) {
    write("htpasswd", setup.htpasswd);
    absl::StrAppend(&text, "auth: {htpasswd: {realm: r, path: ", folder,
                    "/htpasswd}}\n");
  }
  write("config.yml", text);
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

// -1, after a line that says why, where it does not come up.
pid_t StartProcess(const Setup& setup, int& port) {
  if (access(kProgram, X_OK) != 0) {
    std::printf("skipped: %s is not there\n", kProgram);
    return -1;
  }
  for (int start = 0; start < kStarts; ++start) {
    port = FreePort();
    const pid_t pid = Spawn(WriteConfig(port, setup));
    if (pid < 0) continue;
    for (int i = 0; i < 600; ++i) {
      if (waitpid(pid, nullptr, WNOHANG) == pid) break;  // somebody's port
      if (Answers(port)) return pid;
      base::SleepFor(absl::Milliseconds(50));
    }
  }
  std::printf("skipped: docker-registry does not start\n");
  return -1;
}

}  // namespace

std::unique_ptr<DockerRegistry> DockerRegistry::Start(
    absl::string_view htpasswd) {
  int port = 0;
  const pid_t pid = StartProcess({htpasswd, "", ""}, port);
  if (pid < 0) return nullptr;
  return std::unique_ptr<DockerRegistry>(new DockerRegistry(pid, port));
}

std::unique_ptr<DockerRegistry> DockerRegistry::StartTls(
    absl::string_view certificate, absl::string_view private_key) {
  int port = 0;
  const pid_t pid = StartProcess({"", certificate, private_key}, port);
  if (pid < 0) return nullptr;
  return std::unique_ptr<DockerRegistry>(new DockerRegistry(pid, port));
}

DockerRegistry::~DockerRegistry() {
  if (kill(pid_, SIGKILL) == 0) waitpid(pid_, nullptr, 0);
}

std::string DockerRegistry::host() const {
  return absl::StrCat("127.0.0.1:", port_);
}

}  // namespace countersign::client
