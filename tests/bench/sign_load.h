// Load: N clients, each with its own mTLS connection, each asking for the next
// signature when it has the one before. One completion queue and one thread, so
// that the generator takes as little of the machine as can be.
#ifndef COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_
#define COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/target.h"

namespace countersign::bench {

// What a client does that was refused for want of room.
enum class OnRefusal {
  kEnd,          // the run fails: there should be room
  kWait,         // as our client: the server's delay and jitter
  kRetryAtOnce,  // as the worst of clients
};

struct SignLoad {
  std::string operation;  // products/P/operations/O
  int clients = 1;
  int digests = 1;  // in each request
  OnRefusal on_refusal = OnRefusal::kEnd;
  // The token of each call; nullptr: none is sent.
  std::function<std::string()> next_token;
  absl::Duration warm_up = absl::Seconds(1);
  absl::Duration window = absl::Seconds(5);
};

struct SignResult {
  double signatures_per_second = 0;
  double refusals_per_second = 0;
  double p50_ms = 0;  // of a request, from its last try on
  double p99_ms = 0;
  // CPU time of the threads that sign and verify over that of server and client
  // together.
  double hsm_share = 0;
  int64_t requests = 0;
  // CPU time for each signature in microseconds: the server's threads by name,
  // "client" for the load generator.
  std::map<std::string, double> cpu_us;
  // Of the server, at the end of the window.
  int64_t threads = 0;
  int64_t rss_kib = 0;
};

// Blocks for warm_up and window. The first error of a call ends it, but for
// refusals that shall be tried again.
absl::StatusOr<SignResult> RunSignLoad(const Target& target,
                                       const SignLoad& load);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_SIGN_LOAD_H_
