#include "client/login/open_browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"

extern char** environ;

namespace countersign::client {

bool HasDisplay(
    const std::function<std::optional<std::string>(const std::string&)>&
        environment) {
  return !environment("DISPLAY").value_or("").empty() ||
         !environment("WAYLAND_DISPLAY").value_or("").empty();
}

bool StartBrowser(const std::string& url, const std::string& program) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup done = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  // A group of its own: Ctrl-C at our terminal is not meant for it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const absl::Cleanup done_too = [&] { posix_spawnattr_destroy(&attributes); };
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string name = program;
  std::string address = url;
  char* arguments[] = {name.data(), address.data(), nullptr};
  pid_t pid = -1;
  // Nobody waits for it: this process ends before long, and init does.
  return posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments,
                      environ) == 0;
}

}  // namespace countersign::client
