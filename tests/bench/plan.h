// Which rows ./dev bench measures, and what each should reach.
#ifndef COUNTERSIGN_TESTS_BENCH_PLAN_H_
#define COUNTERSIGN_TESTS_BENCH_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "core/algorithms.h"
#include "tests/bench/goal.h"
#include "tests/bench/report.h"

namespace countersign::bench {

struct PlannedRow {
  std::string name;       // "p256/clients=64/verify=off"
  std::string operation;  // of the product; names the algorithm too
  core::KeyType key_type;
  core::SignatureAlgorithm algorithm;
  int clients = 1;
  int digests = 1;
  bool verify = true;  // which of the two servers
  // Bounds; none where nothing is asked.
  std::optional<double> ratio;
  std::optional<double> hsm_share;
  std::optional<double> p99_over_p50;
  std::optional<double> added_ms;  // p50 beyond one bare C_Sign
  std::optional<double> rss_mib;
};

std::vector<PlannedRow> AllRows();

// The goals of `plan` with the figures of `row`; `bare_ms` is one C_SignInit
// and C_Sign without anything around.
std::vector<Goal> GoalsOf(const PlannedRow& plan, const Row& row,
                          double bare_ms);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_PLAN_H_
