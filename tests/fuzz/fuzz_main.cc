// Runs a fuzz target as an ordinary test: NAME [ITERATIONS], 20,000 by default.
// With --write-seeds FOLDER it writes the seeds there, for libFuzzer.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/fuzz_corpus.h"
#include "tests/fuzz/fuzz_target.h"

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = countersign::fuzz::Seeds();
  if (argc == 3 && absl::string_view(argv[1]) == "--write-seeds") {
    for (size_t i = 0; i < seeds.size(); ++i) {
      std::ofstream(absl::StrCat(argv[2], "/seed-", i), std::ios::binary)
          << seeds[i];
    }
    return 0;
  }
  int iterations = 20000;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &iterations)) {
    std::fprintf(stderr, "usage: %s [ITERATIONS | --write-seeds FOLDER]\n",
                 argv[0]);
    return 2;
  }
  countersign::fuzz::RunFuzz(seeds, iterations, [](absl::string_view input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                           input.size());
  });
  std::printf("%zu seeds, %d mutated inputs\n", seeds.size(), iterations);
  return 0;
}
