#include "client/oci/credential_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "client/oci/registry_error.h"

extern char** environ;

namespace countersign::client {
namespace {

constexpr size_t kMaxOutput = 1 << 20;
// POSIX: so much goes into an empty pipe at once.
constexpr size_t kMaxServer = 512;

// Nothing that could be a path.
bool IsProgramName(const std::string& name) {
  return !name.empty() && name.size() <= 128 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

// Both ends of a pipe; whatever is still open is closed.
class Pipe {
 public:
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  bool Open() { return pipe2(ends_, O_CLOEXEC) == 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void CloseReader() { Close(ends_[0]); }
  void CloseWriter() { Close(ends_[1]); }

 private:
  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  int ends_[2] = {-1, -1};
};

absl::StatusOr<pid_t> Spawn(const std::string& program, const Pipe& in,
                            const Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup done = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  posix_spawn_file_actions_adddup2(&actions, in.reader(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  std::string name = program;
  std::string get = "get";
  char* arguments[] = {name.data(), get.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, program.c_str(), &actions, nullptr,
                                 arguments, environ);
  if (error == ENOENT) {
    return RegistryConfigInvalid(
        program,
        "the file of credentials names this program, and it is not "
        "on PATH; install it or name another file with "
        "--registry-config");
  }
  if (error != 0) return RegistryConfigInvalid(program, std::strerror(error));
  return pid;
}

// All that comes until the end, or an error.
absl::StatusOr<std::string> ReadAll(const std::string& program, int fd,
                                    absl::Duration until) {
  std::string output;
  char piece[4096];
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(until - base::SteadyNow());
    if (left <= 0) return RegistryConfigInvalid(program, "takes too long");
    pollfd waiting = {fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready <= 0) continue;
    const ssize_t got = read(fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return RegistryConfigInvalid(program, std::strerror(errno));
    if (got == 0) return output;
    output.append(piece, static_cast<size_t>(got));
    if (output.size() > kMaxOutput) {
      return RegistryConfigInvalid(program, "says more than 1 MiB");
    }
  }
}

// Waits for the end of the program, which may outlive its output.
absl::StatusOr<int> WaitFor(const std::string& program, pid_t pid,
                            absl::Duration until) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) {
      return RegistryConfigInvalid(program, std::strerror(errno));
    }
    if (base::SteadyNow() > until) break;
    base::SleepFor(absl::Milliseconds(5));
  }
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  return RegistryConfigInvalid(program, "takes too long");
}

}  // namespace

absl::StatusOr<std::optional<std::string>> RunCredentialProgram(
    const std::string& name, const std::string& server,
    absl::Duration patience) {
  const std::string program = absl::StrCat("docker-credential-", name);
  if (!IsProgramName(name) || server.size() > kMaxServer) {
    return RegistryConfigInvalid(program, "can be no program's name");
  }
  const absl::Duration until = base::SteadyNow() + patience;
  Pipe in;
  Pipe out;
  if (!in.Open() || !out.Open()) {
    return RegistryConfigInvalid(program, std::strerror(errno));
  }
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(program, in, out));
  out.CloseWriter();
  // Our own reader is still open, so a program that has ended is no SIGPIPE.
  const std::string line = server + "\n";
  const bool written = write(in.writer(), line.data(), line.size()) ==
                       static_cast<ssize_t>(line.size());
  in.CloseReader();
  in.CloseWriter();
  absl::StatusOr<std::string> output = ReadAll(program, out.reader(), until);
  if (!output.ok()) kill(pid, SIGKILL);
  ASSIGN_OR_RETURN(const int status, WaitFor(program, pid, until));
  if (!output.ok()) return output.status();
  if (written && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return *std::move(output);
  }
  // The words of docker-credential-helpers for "there is none".
  if (absl::StrContains(*output, "credentials not found")) return std::nullopt;
  // Its output could hold a secret, so it is not shown.
  return RegistryConfigInvalid(
      program, absl::StrCat("failed to give the credentials of ", server));
}

}  // namespace countersign::client
