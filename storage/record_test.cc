#include "storage/record.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::storage {
namespace {

using base::HasReason;

enum class Color { kRed, kGreen, kBlue };

TEST(Record, KeepsNumbers) {
  const std::vector<int64_t> numbers = {0,
                                        1,
                                        -1,
                                        63,
                                        64,
                                        -64,
                                        -65,
                                        1 << 20,
                                        std::numeric_limits<int64_t>::max(),
                                        std::numeric_limits<int64_t>::min()};
  RecordWriter out(1);
  for (const int64_t n : numbers) {
    out.Signed(n);
    out.Unsigned(static_cast<uint64_t>(n));
  }
  const std::string record = std::move(out).Finish();
  RecordReader in(record);
  for (const int64_t n : numbers) {
    EXPECT_EQ(in.Signed(), n);
    EXPECT_EQ(in.Unsigned(), static_cast<uint64_t>(n));
  }
  EXPECT_OK(in.Finish());
}

TEST(Record, KeepsTimesToTheNanosecond) {
  const std::vector<absl::Time> times = {
      absl::UnixEpoch(),
      absl::FromUnixNanos(1),
      absl::FromUnixNanos(-1),
      absl::FromUnixNanos(1767225600123456789),
      absl::FromUnixNanos(-1000000001),
      absl::FromUnixSeconds(std::numeric_limits<int64_t>::min() + 1),
      absl::FromUnixSeconds(std::numeric_limits<int64_t>::max()) +
          absl::Nanoseconds(999999999),
      absl::FromUnixSeconds(-62135596800),
      absl::FromUnixSeconds(253402300799),
      absl::InfiniteFuture(),
      absl::InfinitePast()};
  RecordWriter out(1);
  for (const absl::Time t : times) out.Time(t);
  const std::string record = std::move(out).Finish();
  RecordReader in(record);
  for (const absl::Time t : times) EXPECT_EQ(in.Time(), t);
  EXPECT_OK(in.Finish());
}

TEST(Record, KeepsOctetsListsAndEnumerators) {
  const std::vector<std::string> list = {"", std::string(300, '\0'), "\xff"};
  RecordWriter out(9);
  out.List(list, [&](const std::string& s) { out.Octets(s); });
  out.Enum(Color::kBlue);
  out.Bool(true);
  const std::string record = std::move(out).Finish();
  RecordReader in(record);
  EXPECT_EQ(in.version(), 9);
  std::vector<std::string> read;
  in.List([&] { read.push_back(in.Octets()); });
  EXPECT_EQ(read, list);
  EXPECT_EQ(in.Enum(Color::kBlue), Color::kBlue);
  EXPECT_TRUE(in.Bool());
  EXPECT_OK(in.Finish());
}

TEST(Record, RefusesEveryChangedOctetAndEveryBeginning) {
  RecordWriter out(1);
  out.Octets("some octets");
  const std::string good = std::move(out).Finish();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x10;
    EXPECT_THAT(RecordReader(bad).Finish(), HasReason("BAD_RECORD")) << i;
    EXPECT_THAT(RecordReader(absl::string_view(good).substr(0, i)).Finish(),
                HasReason("BAD_RECORD"));
  }
  EXPECT_THAT(RecordReader(good + "x").Finish(), HasReason("BAD_RECORD"));
}

// A record with a good checksum around `body`.
std::string Sealed(absl::string_view body) {
  RecordWriter out(1);
  for (const unsigned char c : body) {
    if (c >= 0x80) return "";
    out.Unsigned(c);
  }
  return std::move(out).Finish();
}

TEST(Record, RefusesValuesOutOfRange) {
  const std::string truth_record = Sealed("\x02");
  RecordReader truth(truth_record);
  truth.Bool();
  EXPECT_THAT(truth.Finish(), HasReason("BAD_RECORD"));
  const std::string enumerator_record = Sealed("\x03");
  RecordReader enumerator(enumerator_record);
  EXPECT_EQ(enumerator.Enum(Color::kBlue), Color::kRed);
  EXPECT_THAT(enumerator.Finish(), HasReason("BAD_RECORD"));
  RecordWriter late(1);
  late.Signed(0);
  late.Unsigned(1'000'000'002);
  const std::string late_record = std::move(late).Finish();
  RecordReader time(late_record);
  EXPECT_EQ(time.Duration(), absl::ZeroDuration());
  EXPECT_THAT(time.Finish(), HasReason("BAD_RECORD"));
}

TEST(Record, RefusesMoreThanIsThere) {
  RecordWriter out(1);
  out.Unsigned(std::numeric_limits<uint64_t>::max());
  const std::string record = std::move(out).Finish();
  RecordReader octets(record);
  EXPECT_EQ(octets.Octets(), "");
  EXPECT_THAT(octets.Finish(), HasReason("BAD_RECORD"));
  RecordReader list(record);
  list.List([] { FAIL() << "there is no element"; });
  EXPECT_THAT(list.Finish(), HasReason("BAD_RECORD"));
}

TEST(Record, RefusesLeftovers) {
  const std::string record = Sealed("\x01\x01");
  RecordReader in(record);
  in.Unsigned();
  EXPECT_THAT(in.Finish(), HasReason("BAD_RECORD"));
  in.Unsigned();
  EXPECT_OK(in.Finish());
}

TEST(Record, ReadsNothingAfterAFailure) {
  const std::string record = Sealed("\x05\x01\x02");
  RecordReader in(record);
  in.Fail("by hand");
  EXPECT_EQ(in.Unsigned(), 0u);
  EXPECT_EQ(in.Octets(), "");
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace countersign::storage
