#include "base/random.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

// All octets alike, to see which bits of a UUID are random.
class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(char octet) : octet_(octet) {}
  std::string Bytes(size_t size) override { return std::string(size, octet_); }

 private:
  const char octet_;
};

TEST(SystemRandomTest, GivesAsManyOctetsAsAsked) {
  SystemRandom random;
  for (const size_t size : {0, 1, 16, 1000}) {
    EXPECT_EQ(random.Bytes(size).size(), size);
  }
}

TEST(SystemRandomTest, DoesNotRepeat) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Bytes(16));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(PooledRandomTest, HandsOutTheOctetsOfItsSourceOnceEach) {
  FakeRandom source(3);
  FakeRandom same(3);
  PooledRandom random(source);
  const std::string first_pool = same.Bytes(4096);
  std::string got;
  while (got.size() + 100 <= first_pool.size()) got += random.Bytes(100);
  EXPECT_EQ(got, first_pool.substr(0, got.size()));
  // What is left of the first pool is too short for the next.
  EXPECT_EQ(random.Bytes(100), same.Bytes(4096).substr(0, 100));
}

TEST(PooledRandomTest, GivesAsManyOctetsAsAsked) {
  SystemRandom source;
  PooledRandom random(source);
  for (const size_t size : {0, 1, 16, 4096, 4097, 10000}) {
    EXPECT_EQ(random.Bytes(size).size(), size);
  }
}

TEST(PooledRandomTest, GivesEachThreadItsOwn) {
  SystemRandom source;
  PooledRandom random(source);
  std::vector<std::string> seen[2];
  std::thread other([&] {
    for (int i = 0; i < 5000; ++i) seen[0].push_back(random.Bytes(16));
  });
  for (int i = 0; i < 5000; ++i) seen[1].push_back(random.Bytes(16));
  other.join();
  std::set<std::string> all(seen[0].begin(), seen[0].end());
  all.insert(seen[1].begin(), seen[1].end());
  EXPECT_EQ(all.size(), 10000u);
}

TEST(FakeRandomTest, RepeatsFromTheSameSeed) {
  FakeRandom a(7);
  FakeRandom b(7);
  FakeRandom c(8);
  const std::string first = a.Bytes(33);
  EXPECT_EQ(first.size(), 33u);
  EXPECT_EQ(first, b.Bytes(33));
  EXPECT_NE(first, c.Bytes(33));
  EXPECT_NE(first, a.Bytes(33));
}

TEST(FakeRandomTest, IsSplitMix64) {
  // The generator's first output for seed 0, least octet first.
  const uint64_t first = 0xe220a8397b1dcdaf;
  std::string want;
  for (int i = 0; i < 8; ++i) want.push_back(static_cast<char>(first >> 8 * i));
  EXPECT_EQ(FakeRandom(0).Bytes(8), want);
}

TEST(MakeUuid7Test, LaysOutTheExampleOfRfc9562) {
  // RFC 9562 A.6: 2022-02-22T19:22:22Z is 0x017F22E279B0 milliseconds.
  const absl::Time time = absl::FromUnixMillis(0x017f22e279b0);
  ConstantRandom ones('\xff');
  EXPECT_EQ(MakeUuid7(time, ones), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  ConstantRandom zeros('\0');
  EXPECT_EQ(MakeUuid7(time, zeros), "017f22e2-79b0-7000-8000-000000000000");
}

TEST(MakeUuid7Test, OrdersByTime) {
  FakeRandom random;
  absl::Time now = absl::FromUnixSeconds(1767225600);
  std::string last = MakeUuid7(now, random);
  for (int i = 0; i < 1000; ++i) {
    now += absl::Milliseconds(1);
    const std::string next = MakeUuid7(now, random);
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(MakeUuid7Test, DiffersWithinOneMillisecond) {
  FakeRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(MakeUuid7(absl::FromUnixSeconds(1), random));
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(MakeUuid7Test, ClampsTimesThatDoNotFit) {
  ConstantRandom zeros('\0');
  EXPECT_EQ(MakeUuid7(absl::InfinitePast(), zeros),
            "00000000-0000-7000-8000-000000000000");
  EXPECT_EQ(MakeUuid7(absl::InfiniteFuture(), zeros),
            "ffffffff-ffff-7000-8000-000000000000");
}

}  // namespace
}  // namespace countersign::base
