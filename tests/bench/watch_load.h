// Pipelines that wait for people: N connections, each with one open Watch on a
// request that stays pending. What do they cost the server?
#ifndef COUNTERSIGN_TESTS_BENCH_WATCH_LOAD_H_
#define COUNTERSIGN_TESTS_BENCH_WATCH_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/held_connections.h"
#include "tests/bench/target.h"

namespace countersign::bench {

// Opens them all, waits until each has had the request's state once, measures,
// cancels them. `request` is the name of a pending signing request.
absl::StatusOr<HeldConnections> RunWatchLoad(const Target& target,
                                             const std::string& request,
                                             int watches);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_WATCH_LOAD_H_
