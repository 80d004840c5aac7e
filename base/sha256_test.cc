#include "base/sha256.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(Sha256Test, GivesTheDigestsOfFips180) {
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, TellsEqualTextsFromOthers) {
  EXPECT_TRUE(SameDigest("", ""));
  EXPECT_TRUE(SameDigest("ab", "ab"));
  EXPECT_FALSE(SameDigest("ab", "aB"));
  EXPECT_FALSE(SameDigest("ab", "abc"));
  EXPECT_FALSE(SameDigest("ab", std::string("ab\0", 3)));
}

}  // namespace
}  // namespace countersign::base
