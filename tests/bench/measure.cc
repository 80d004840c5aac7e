// measure FILE COMMAND...: runs it and writes "SECONDS CPU_SECONDS MAX_RSS_KIB"
// of it and of its children to FILE. Exits as it does.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    _exit(127);
  }
  int state = 0;
  rusage usage = {};
  if (child < 0 || wait4(child, &state, 0, &usage) != child) return 1;
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::FILE* out = std::fopen(argv[1], "w");
  if (out == nullptr) return 1;
  std::fprintf(out, "%.3f %.3f %ld\n", took.count(),
               Seconds(usage.ru_utime) + Seconds(usage.ru_stime),
               usage.ru_maxrss);
  if (std::fclose(out) != 0) return 1;
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}
