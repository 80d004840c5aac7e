#include "hsm/sign_cost.h"

#include "absl/time/time.h"
#include "core/algorithms.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using core::KeyType;

TEST(SignCostTest, GuessesInTheOrderOfTheKeysBeforeItMeasures) {
  const SignCost cost;
  EXPECT_LT(cost.Of(KeyType::kRsa2048), cost.Of(KeyType::kRsa3072));
  EXPECT_LT(cost.Of(KeyType::kRsa3072), cost.Of(KeyType::kRsa4096));
  EXPECT_LT(cost.Of(KeyType::kEcP256), cost.Of(KeyType::kEcP384));
  EXPECT_LT(cost.Of(KeyType::kEcP384), cost.Of(KeyType::kEcP521));
  EXPECT_LT(cost.Of(KeyType::kEd25519), cost.Of(KeyType::kRsa2048));
  for (size_t i = 0; i < kKeyTypes; ++i) {
    EXPECT_GT(cost.Of(static_cast<KeyType>(i)), absl::ZeroDuration());
  }
}

TEST(SignCostTest, TheFirstMeasurementReplacesTheGuess) {
  SignCost cost;
  cost.Record(KeyType::kRsa2048, absl::Microseconds(400));
  EXPECT_EQ(cost.Of(KeyType::kRsa2048), absl::Microseconds(400));
  EXPECT_EQ(cost.Of(KeyType::kRsa3072), SignCost().Of(KeyType::kRsa3072));
}

TEST(SignCostTest, FollowsAChangeOfPace) {
  SignCost cost;
  for (int i = 0; i < 100; ++i) {
    cost.Record(KeyType::kEcP256, absl::Microseconds(100));
  }
  for (int i = 0; i < 200; ++i) {
    cost.Record(KeyType::kEcP256, absl::Microseconds(300));
  }
  EXPECT_GT(cost.Of(KeyType::kEcP256), absl::Microseconds(290));
  EXPECT_LE(cost.Of(KeyType::kEcP256), absl::Microseconds(300));
}

TEST(SignCostTest, OneCallThatHungMovesItLittle) {
  SignCost cost;
  for (int i = 0; i < 100; ++i) {
    cost.Record(KeyType::kEcP256, absl::Microseconds(100));
  }
  cost.Record(KeyType::kEcP256, absl::Seconds(10));
  EXPECT_LT(cost.Of(KeyType::kEcP256), absl::Microseconds(130));
}

TEST(SignCostTest, StaysPositive) {
  SignCost cost;
  for (int i = 0; i < 1000; ++i) {
    cost.Record(KeyType::kEcP256, -absl::Seconds(1));
  }
  EXPECT_GT(cost.Of(KeyType::kEcP256), absl::ZeroDuration());
}

TEST(SignCostTest, SumsAndComparesWhatIsThere) {
  SignCost cost;
  cost.Record(KeyType::kRsa2048, absl::Milliseconds(1));
  cost.Record(KeyType::kEcP256, absl::Microseconds(250));
  CountByType counts = {};
  EXPECT_EQ(cost.Sum(counts), absl::ZeroDuration());
  EXPECT_EQ(cost.Largest(counts), absl::ZeroDuration());
  counts[TypeIndex(KeyType::kEcP256)] = 4;
  EXPECT_EQ(cost.Largest(counts), absl::Microseconds(250));
  counts[TypeIndex(KeyType::kRsa2048)] = 3;
  EXPECT_EQ(cost.Sum(counts), absl::Milliseconds(4));
  EXPECT_EQ(cost.Largest(counts), absl::Milliseconds(1));
}

}  // namespace
}  // namespace countersign::hsm
