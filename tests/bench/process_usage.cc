#include "tests/bench/process_usage.h"

#include <dirent.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace countersign::bench {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Stat {
  std::string name;
  double cpu_seconds = 0;
};

// proc(5): "pid (comm) state ...", utime and stime are fields 14 and 15. The
// name may hold blanks and parentheses, so the last ")" counts.
Stat ReadStat(const std::string& path) {
  const std::string text = ReadAll(path);
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return {};
  Stat stat;
  stat.name = text.substr(open + 1, close - open - 1);
  std::istringstream fields(text.substr(close + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  stat.cpu_seconds = (user + system) / sysconf(_SC_CLK_TCK);
  return stat;
}

std::string WithoutNumber(std::string name) {
  const size_t last = name.find_last_not_of("-_0123456789");
  if (last != std::string::npos) name.erase(last + 1);
  return name;
}

int64_t StatusField(const std::string& status, const std::string& key) {
  const size_t at = status.find("\n" + key + ":");
  if (at == std::string::npos) return 0;
  return std::stoll(status.substr(at + key.size() + 2));
}

}  // namespace

ProcessUsage ReadProcessUsage(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  ProcessUsage usage;
  usage.cpu_seconds = ReadStat(folder + "/stat").cpu_seconds;
  const std::string status = ReadAll(folder + "/status");
  usage.threads = StatusField(status, "Threads");
  usage.rss_kib = StatusField(status, "VmRSS");

  const std::string tasks = folder + "/task";
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(tasks.c_str()), closedir);
  if (dir == nullptr) return usage;
  while (const dirent* entry = readdir(dir.get())) {
    if (entry->d_name[0] == '.') continue;
    const Stat stat = ReadStat(tasks + "/" + entry->d_name + "/stat");
    usage.thread_cpu_seconds[WithoutNumber(stat.name)] += stat.cpu_seconds;
  }
  return usage;
}

}  // namespace countersign::bench
