// The figures of one bench run: printed as they come, written as JSON at the
// end.
#ifndef COUNTERSIGN_TESTS_BENCH_REPORT_H_
#define COUNTERSIGN_TESTS_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/goal.h"
#include "tests/bench/held_connections.h"
#include "tests/bench/sign_load.h"

namespace countersign::bench {

struct Row {
  std::string name;  // "rsa2048/clients=16"
  SignResult result;
  // The bare rate just before and just after, their mean.
  double ceiling_per_second = 0;
  double ratio = 0;
  std::vector<Goal> goals;
};

struct HeldRow {
  std::string name;  // "connections=1000/idle"
  HeldConnections result;
  std::vector<Goal> goals;
};

void PrintHeader();
void Print(const Row& row);
void Print(const HeldRow& row);

// A list of objects, one for each row. Blocks on the disk.
absl::Status WriteJson(const std::vector<Row>& rows,
                       const std::vector<HeldRow>& held,
                       const std::string& path);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_REPORT_H_
