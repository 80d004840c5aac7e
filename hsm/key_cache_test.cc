#include "hsm/key_cache.h"

#include <optional>

#include "core/signer.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using core::KeyType;

const core::KeyRef kKey = {"id", "label", KeyType::kEcP256, "spki", {"one"}};

TEST(KeyCacheTest, KnowsTheVeryKeyAlone) {
  KeyCache cache;
  EXPECT_EQ(cache.Find(kKey, 1), std::nullopt);
  cache.Put(kKey, 1, 7);
  EXPECT_EQ(cache.Find(kKey, 1), 7u);
  core::KeyRef other = kKey;
  other.key_id = "other";
  EXPECT_EQ(cache.Find(other, 1), std::nullopt);
  other = kKey;
  other.label = "other";
  EXPECT_EQ(cache.Find(other, 1), std::nullopt);
  other = kKey;
  other.spki = "not the pinned one";
  EXPECT_EQ(cache.Find(other, 1), std::nullopt);
  other = kKey;
  other.type = KeyType::kEcP384;
  EXPECT_EQ(cache.Find(other, 1), std::nullopt);
}

TEST(KeyCacheTest, TheOtherTokensOfAKeyAreOfNoMeaning) {
  KeyCache cache;
  cache.Put(kKey, 1, 7);
  core::KeyRef key = kKey;
  key.tokens = {"one", "two"};
  EXPECT_EQ(cache.Find(key, 1), 7u);
  key.tokens.clear();
  EXPECT_EQ(cache.Find(key, 1), 7u);
  cache.Forget(key, 7);
  EXPECT_EQ(cache.Find(kKey, 1), std::nullopt);
}

TEST(KeyCacheTest, AnotherEpochMakesHandlesVoid) {
  KeyCache cache;
  cache.Put(kKey, 1, 7);
  EXPECT_EQ(cache.Find(kKey, 2), std::nullopt);
  cache.Put(kKey, 2, 8);
  EXPECT_EQ(cache.Find(kKey, 2), 8u);
}

TEST(KeyCacheTest, ForgetsOnlyTheHandleThatFailed) {
  KeyCache cache;
  cache.Put(kKey, 1, 7);
  cache.Forget(kKey, 6);
  EXPECT_EQ(cache.Find(kKey, 1), 7u);
  cache.Forget(kKey, 7);
  EXPECT_EQ(cache.Find(kKey, 1), std::nullopt);
  cache.Forget(kKey, 7);
}

}  // namespace
}  // namespace countersign::hsm
