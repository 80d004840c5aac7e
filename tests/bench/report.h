// The figures of one bench run: printed as they come, written as JSON at the
// end.
#ifndef COUNTERSIGN_TESTS_BENCH_REPORT_H_
#define COUNTERSIGN_TESTS_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/bench/sign_load.h"
#include "tests/bench/watch_load.h"

namespace countersign::bench {

struct Row {
  std::string name;  // "rsa2048/clients=16"
  SignResult result;
  // The bare rate just before and just after, their mean.
  double ceiling_per_second = 0;

  double ratio() const {
    return ceiling_per_second > 0
               ? result.signatures_per_second / ceiling_per_second
               : 0;
  }
};

void PrintHeader();
void PrintRow(const Row& row);
void PrintWatches(const WatchResult& result);

// A list of rows. Blocks on the disk.
absl::Status WriteJson(const std::vector<Row>& rows, const std::string& path);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_REPORT_H_
