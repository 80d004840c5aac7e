#include "tests/fuzz/fuzz_corpus.h"

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::fuzz {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

const std::vector<std::string>& SomeSeeds() {
  static const std::vector<std::string> seeds = {"{\"a\":[1,2]}",
                                                 "Bearer realm=\"x\""};
  return seeds;
}

std::vector<std::string> Inputs(int iterations) {
  std::vector<std::string> inputs;
  RunFuzz(SomeSeeds(), iterations,
          [&](absl::string_view input) { inputs.emplace_back(input); });
  return inputs;
}

TEST(FuzzCorpusTest, GivesTheSameInputsEachTime) {
  EXPECT_EQ(Inputs(500), Inputs(500));
}

TEST(FuzzCorpusTest, StartsWithTheEmptyInputAndTheSeeds) {
  const std::vector<std::string> inputs = Inputs(100);
  ASSERT_THAT(inputs, SizeIs(103));
  EXPECT_EQ(inputs[0], "");
  EXPECT_EQ(inputs[1], SomeSeeds()[0]);
  EXPECT_EQ(inputs[2], SomeSeeds()[1]);
}

TEST(FuzzCorpusTest, MakesManyDifferentInputs) {
  const std::vector<std::string> inputs = Inputs(1000);
  EXPECT_GT(std::set<std::string>(inputs.begin(), inputs.end()).size(), 900u);
}

TEST(FuzzCorpusTest, KeepsTheBound) {
  Mutator mutator({std::string(2000, 'x')});
  for (int i = 0; i < 200; ++i) EXPECT_LE(mutator.Next(1000).size(), 1000u);
}

TEST(FuzzCorpusTest, WorksWithoutSeeds) {
  Mutator mutator({});
  std::set<std::string> inputs;
  for (int i = 0; i < 50; ++i) inputs.insert(mutator.Next());
  EXPECT_GT(inputs.size(), 10u);
}

TEST(FuzzCorpusDeathTest, PrintsTheInputThatEndsTheProcess) {
  EXPECT_DEATH(RunFuzz({"boom"}, 0,
                       [](absl::string_view input) {
                         if (input == "boom") std::abort();
                       }),
               "626f6f6d");
}

}  // namespace
}  // namespace countersign::fuzz
