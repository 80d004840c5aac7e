// What a fuzz target of fuzz.bzl defines: one entry point, which libFuzzer
// knows by this name, and the seeds to start from. A target must take any
// octets and must not fail; what has to hold it checks with CHECK or abort().
#ifndef COUNTERSIGN_TESTS_FUZZ_FUZZ_TARGET_H_
#define COUNTERSIGN_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace countersign::fuzz {

std::vector<std::string> Seeds();

}  // namespace countersign::fuzz

#endif  // COUNTERSIGN_TESTS_FUZZ_FUZZ_TARGET_H_
