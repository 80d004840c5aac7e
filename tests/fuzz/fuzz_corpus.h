// Deterministic fuzzing: seeds, a fixed number of mutated inputs, one target.
// The same inputs each time, so a failure of today is there tomorrow. Not
// coverage-guided: the targets that fuzz.bzl makes also link with libFuzzer.
// Called by fuzz_main.cc and by tests that bring a target of their own.
#ifndef COUNTERSIGN_TESTS_FUZZ_FUZZ_CORPUS_H_
#define COUNTERSIGN_TESTS_FUZZ_FUZZ_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace countersign::fuzz {

// Makes inputs from seeds. Thread-compatible.
class Mutator {
 public:
  // `seeds` may be empty: then inputs grow from nothing.
  explicit Mutator(std::vector<std::string> seeds, uint64_t start = 1);

  // A seed after one to eight changes: bits, octets, cuts, copies, pieces of
  // other seeds, words that parsers trip over. At most `max_bytes`.
  std::string Next(size_t max_bytes = 1 << 16);

 private:
  size_t Below(size_t bound);  // 0 where bound is 0
  void Change(std::string& input);
  void Insert(std::string& input, absl::string_view piece);

  std::vector<std::string> seeds_;
  std::mt19937_64 engine_;  // its sequence is fixed by the standard
};

// Calls `target` with each seed as it is, with the empty input, and with
// `iterations` mutated ones. An input that ends the process, or takes more than
// ten seconds, is printed to standard error in hexadecimal digits.
void RunFuzz(const std::vector<std::string>& seeds, int iterations,
             const std::function<void(absl::string_view input)>& target);

}  // namespace countersign::fuzz

#endif  // COUNTERSIGN_TESTS_FUZZ_FUZZ_CORPUS_H_
