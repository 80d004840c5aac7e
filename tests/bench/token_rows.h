// What it costs to sign with a token instead of a client certificate: with one
// token that the server has verified before, and with one that it has never
// seen, each against certificates in turn.
#ifndef COUNTERSIGN_TESTS_BENCH_TOKEN_ROWS_H_
#define COUNTERSIGN_TESTS_BENCH_TOKEN_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/report.h"
#include "tests/bench/target.h"

namespace countersign::bench {

struct TokenBench {
  std::string operation;  // products/P/operations/O
  int windows = 1;        // of each kind
  absl::Duration window;
  absl::Duration warm_up;
};

// "token/remembered", "token/first": sixteen clients and one. A row's ceiling
// is the rate with certificates, its ratio what is left of it with tokens. The
// site's folder has issuer/k1.key.pem (RS256), whose public half the server
// trusts. Blocks.
inline constexpr char kRemembered[] = "token/remembered";
inline constexpr char kFirst[] = "token/first";
absl::StatusOr<Row> RunRemembered(const Target& target,
                                  const TokenBench& bench);
absl::StatusOr<Row> RunFirst(const Target& target, const TokenBench& bench);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_TOKEN_ROWS_H_
