// Load: N clients, each with its own mTLS connection, each asking for the next
// signature when it has the one before. One completion queue and one thread, so
// that the generator takes as little of the machine as can be.
#ifndef COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_
#define COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/target.h"

namespace countersign::bench {

struct SignLoad {
  std::string operation;  // products/P/operations/O
  int clients = 1;
  int digests = 1;  // in each request
  absl::Duration warm_up = absl::Seconds(1);
  absl::Duration window = absl::Seconds(4);
};

struct SignResult {
  double signatures_per_second = 0;
  double p50_ms = 0;  // of a request
  double p99_ms = 0;
  // CPU time of threads named "hsm" over that of server and client together.
  double hsm_share = 0;
  int64_t requests = 0;
  // CPU time for each signature in microseconds: the server's threads by name,
  // "client" for the load generator.
  std::map<std::string, double> cpu_us;
};

// Blocks for warm_up and window. The first error of a call ends it.
absl::StatusOr<SignResult> RunSignLoad(const Target& target,
                                       const SignLoad& load);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_
