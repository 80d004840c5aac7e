// What connections cost the server that do nothing.
#ifndef COUNTERSIGN_TESTS_BENCH_HELD_CONNECTIONS_H_
#define COUNTERSIGN_TESTS_BENCH_HELD_CONNECTIONS_H_

#include "absl/status/statusor.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/target.h"

namespace countersign::bench {

struct HeldConnections {
  int connections = 0;
  // Of the server, before the first and while all are open.
  ProcessUsage before;
  ProcessUsage open;
};

// Opens that many mTLS connections without a call, measures, closes them.
absl::StatusOr<HeldConnections> RunIdleLoad(const Target& target,
                                            int connections);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_HELD_CONNECTIONS_H_
