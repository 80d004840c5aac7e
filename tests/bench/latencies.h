// Latencies of one run and their percentiles.
#ifndef COUNTERSIGN_TESTS_BENCH_LATENCIES_H_
#define COUNTERSIGN_TESTS_BENCH_LATENCIES_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace countersign::bench {

// Single-thread.
class Latencies {
 public:
  void Add(absl::Duration latency) {
    milliseconds_.push_back(absl::ToDoubleMilliseconds(latency));
  }
  size_t count() const { return milliseconds_.size(); }
  // Nearest rank; 0 where there is none. `fraction` in [0, 1].
  double Percentile(double fraction) {
    if (milliseconds_.empty()) return 0;
    const size_t rank =
        std::min(milliseconds_.size() - 1,
                 static_cast<size_t>(fraction * static_cast<double>(count())));
    std::nth_element(milliseconds_.begin(), milliseconds_.begin() + rank,
                     milliseconds_.end());
    return milliseconds_[rank];
  }

 private:
  std::vector<double> milliseconds_;
};

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_LATENCIES_H_
