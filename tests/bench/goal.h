// What a figure should be. A goal that is not met is said so, in the table and
// in the JSON; it fails nothing, because the machine is not the same from one
// minute to the next.
#ifndef COUNTERSIGN_TESTS_BENCH_GOAL_H_
#define COUNTERSIGN_TESTS_BENCH_GOAL_H_

#include <string>

namespace countersign::bench {

struct Goal {
  std::string figure;  // "hsm_share"
  double value = 0;
  double bound = 0;
  bool at_least = true;  // otherwise: at most

  bool met() const { return at_least ? value >= bound : value <= bound; }
};

// "hsm_share 0.79, goal >= 0.85: NOT MET"
std::string Describe(const Goal& goal);
std::string ToJson(const Goal& goal);

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_GOAL_H_
