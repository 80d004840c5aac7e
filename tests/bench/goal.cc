#include "tests/bench/goal.h"

#include "absl/strings/str_format.h"

namespace countersign::bench {

std::string Describe(const Goal& goal) {
  return absl::StrFormat("%s %.2f, goal %s %.2f: %s", goal.figure, goal.value,
                         goal.at_least ? ">=" : "<=", goal.bound,
                         goal.met() ? "met" : "NOT MET");
}

std::string ToJson(const Goal& goal) {
  return absl::StrFormat(
      "{\"figure\": \"%s\", \"value\": %.3f, \"%s\": %.3f, \"met\": %s}",
      goal.figure, goal.value, goal.at_least ? "at_least" : "at_most",
      goal.bound, goal.met() ? "true" : "false");
}

}  // namespace countersign::bench
