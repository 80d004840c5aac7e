#include "client/token/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

extern char** environ;

namespace countersign::client {
namespace {

constexpr size_t kMaxErrors = 4 << 10;
constexpr int kSliceMs = 50;

// Both ends of a pipe; whatever is still open is closed.
class Pipe {
 public:
  ~Pipe() {
    Close(ends_[0]);
    Close(ends_[1]);
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

absl::Status Failed(const ProgramCall& call, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kUnavailable,
                         absl::StrCat(call.words[0], " ", what),
                         Because("PROGRAM_FAILED"));
}

// Our environment with the call's variables above it.
std::vector<std::string> Variables(const ProgramCall& call) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const auto& [name, value] : call.variables) {
      replaced = replaced || absl::StartsWith(*entry, name + "=");
    }
    if (!replaced) all.push_back(*entry);
  }
  for (const auto& [name, value] : call.variables) {
    all.push_back(absl::StrCat(name, "=", value));
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(const ProgramCall& call, const Pipe& out,
                            const Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup actions_done = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.writer(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const absl::Cleanup attributes_done = [&] {
    posix_spawnattr_destroy(&attributes);
  };
  // We ignore SIGPIPE, and that would be inherited. A group of its own, so that
  // what it started ends with it.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = call.words;
  std::vector<std::string> variables = Variables(call);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, call.words[0].c_str(), &actions, &attributes,
                   Pointers(words).data(), Pointers(variables).data());
  if (error == 0) return pid;
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("cannot run ", call.words[0], ": ", std::strerror(error)),
      Because("PROGRAM_NOT_FOUND"));
}

// One piece of what is there; false at the end of the stream.
bool ReadPiece(int fd, std::string& text) {
  char piece[4096];
  const ssize_t got = read(fd, piece, sizeof piece);
  if (got < 0) return errno == EINTR;
  text.append(piece, static_cast<size_t>(got));
  return got > 0;
}

absl::Status CheckTime(const ProgramCall& call, absl::Duration until) {
  if (call.interrupted()) {
    return base::MakeError(absl::StatusCode::kCancelled, "interrupted",
                           Because("INTERRUPTED"));
  }
  if (base::SteadyNow() < until) return absl::OkStatus();
  return Failed(call, absl::StrCat("took longer than ",
                                   absl::FormatDuration(call.patience)));
}

// Both streams to their ends.
absl::Status ReadStreams(const ProgramCall& call, int out, int err,
                         absl::Duration until, ProgramEnd& end) {
  pollfd waiting[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    RETURN_IF_ERROR(CheckTime(call, until));
    if (poll(waiting, 2, kSliceMs) <= 0) continue;
    if (waiting[0].revents != 0 && !ReadPiece(out, end.output)) {
      waiting[0].fd = -1;
    }
    if (waiting[1].revents != 0 && !ReadPiece(err, end.errors)) {
      waiting[1].fd = -1;
    }
    if (end.output.size() > call.max_output) {
      return Failed(
          call, absl::StrCat("wrote more than ", call.max_output, " octets"));
    }
    if (end.errors.size() > kMaxErrors) {
      end.errors.erase(0, end.errors.size() - kMaxErrors);
    }
  }
  return absl::OkStatus();
}

// The program may outlive its output.
absl::StatusOr<int> WaitFor(const ProgramCall& call, pid_t pid,
                            absl::Duration until) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) return Failed(call, std::strerror(errno));
    RETURN_IF_ERROR(CheckTime(call, until));
    base::SleepFor(absl::Milliseconds(2));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

absl::StatusOr<ProgramEnd> RunProgram(const ProgramCall& call) {
  const absl::Duration until = base::SteadyNow() + call.patience;
  Pipe out;
  Pipe err;
  if (!out.Open() || !err.Open()) return Failed(call, std::strerror(errno));
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(call, out, err));
  out.CloseWriter();
  err.CloseWriter();
  ProgramEnd end;
  const absl::Status read =
      ReadStreams(call, out.reader(), err.reader(), until, end);
  const absl::StatusOr<int> code =
      read.ok() ? WaitFor(call, pid, until) : absl::StatusOr<int>(read);
  if (!code.ok()) {
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return code.status();
  }
  end.code = *code;
  return end;
}

}  // namespace countersign::client
