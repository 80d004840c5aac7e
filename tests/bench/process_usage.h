// What a process has used, read from /proc: CPU time by thread name, threads,
// memory. For the bench only; Linux.
#ifndef COUNTERSIGN_TESTS_BENCH_PROCESS_USAGE_H_
#define COUNTERSIGN_TESTS_BENCH_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace countersign::bench {

struct ProcessUsage {
  // Seconds, user and system; grain 10 ms.
  double cpu_seconds = 0;
  // Of it, threads that live now, by name; digits at its end are left out, so
  // that "hsm-0" and "hsm-1" are one.
  std::map<std::string, double> thread_cpu_seconds;
  int64_t threads = 0;
  int64_t rss_kib = 0;
};

// Zeros where the process is gone.
ProcessUsage ReadProcessUsage(pid_t pid);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_PROCESS_USAGE_H_
