// Several windows of one row as one: the median of each figure by itself.
#ifndef COUNTERSIGN_TESTS_BENCH_MEDIAN_H_
#define COUNTERSIGN_TESTS_BENCH_MEDIAN_H_

#include <vector>

#include "tests/bench/sign_load.h"

namespace countersign::bench {

// The lower one of the two in the middle; 0 of nothing.
double Median(std::vector<double> values);

// A thread that is not in every window counts as 0 there. Threads and memory
// are the last window's.
SignResult Median(const std::vector<SignResult>& windows);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_MEDIAN_H_
