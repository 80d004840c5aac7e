#include "auth/remembered.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

TEST(RememberedTest, GivesWhatWasPut) {
  Remembered<int> numbers(2);
  EXPECT_EQ(numbers.Find("a"), nullptr);
  numbers.Put("a", 1);
  numbers.Put("a", 2);
  ASSERT_NE(numbers.Find("a"), nullptr);
  EXPECT_EQ(*numbers.Find("a"), 2);
  EXPECT_EQ(numbers.size(), 1u);
}

TEST(RememberedTest, DropsTheOneUnusedForLongest) {
  Remembered<int> numbers(2);
  numbers.Put("a", 1);
  numbers.Put("b", 2);
  numbers.Find("a");
  numbers.Put("c", 3);
  EXPECT_EQ(numbers.Find("b"), nullptr);
  EXPECT_NE(numbers.Find("a"), nullptr);
  EXPECT_NE(numbers.Find("c"), nullptr);
  EXPECT_EQ(numbers.size(), 2u);
}

TEST(RememberedTest, Forgets) {
  Remembered<int> numbers(2);
  numbers.Put("a", 1);
  numbers.Forget("b");
  numbers.Forget("a");
  EXPECT_EQ(numbers.Find("a"), nullptr);
  EXPECT_EQ(numbers.size(), 0u);
}

TEST(RememberedTest, KeepsNothingWhereItMayNot) {
  Remembered<int> numbers(0);
  numbers.Put("a", 1);
  EXPECT_EQ(numbers.Find("a"), nullptr);
  EXPECT_EQ(numbers.size(), 0u);
}

}  // namespace
}  // namespace countersign::auth
