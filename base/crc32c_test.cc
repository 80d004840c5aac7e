#include "base/crc32c.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

std::string Counting(int from, int step) {
  std::string octets;
  for (int i = 0; i < 32; ++i) {
    octets.push_back(static_cast<char>(from + i * step));
  }
  return octets;
}

// RFC 3720 B.4, "An iSCSI - SCSI Read (10) Command PDU".
const char kReadPdu[] =
    "\x01\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x14\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x14\x00\x00\x00\x18"
    "\x28\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00";

struct VectorCase {
  const char* name;
  std::string octets;
  uint32_t want;
};

class VectorTest : public testing::TestWithParam<VectorCase> {};

TEST_P(VectorTest, Matches) {
  EXPECT_EQ(Crc32c(GetParam().octets), GetParam().want);
}

// RFC 3720 prints the value's octets least first.
INSTANTIATE_TEST_SUITE_P(
    Rfc3720, VectorTest,
    testing::Values(VectorCase{"Empty", "", 0},
                    VectorCase{"Zeros", std::string(32, '\0'), 0x8a9136aa},
                    VectorCase{"Ones", std::string(32, '\xff'), 0x62a8ab43},
                    VectorCase{"Incrementing", Counting(0, 1), 0x46dd794e},
                    VectorCase{"Decrementing", Counting(31, -1), 0x113fdb5c},
                    VectorCase{"ReadPdu", std::string(kReadPdu, 48),
                               0xd9963a56},
                    VectorCase{"Check", "123456789", 0xe3069283},
                    VectorCase{"OneOctet", "a", 0xc1d04330}),
    [](const auto& info) { return info.param.name; });

// The definition, one bit at a time.
uint32_t Slow(absl::string_view octets) {
  uint32_t crc = 0xffffffff;
  for (const unsigned char c : octets) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
    }
  }
  return ~crc;
}

TEST(Crc32cTest, AgreesWithTheDefinitionAtEachLengthAndOffset) {
  std::string octets;
  for (int i = 0; i < 100; ++i) octets.push_back(static_cast<char>(i * 37));
  for (size_t at = 0; at < 8; ++at) {
    for (size_t size = 0; size + at <= octets.size(); ++size) {
      const absl::string_view part = absl::string_view(octets).substr(at, size);
      ASSERT_EQ(Crc32c(part), Slow(part)) << at << " " << size;
    }
  }
}

TEST(Crc32cTest, SeesEachFlippedBit) {
  const std::string octets = Counting(0, 1);
  for (size_t bit = 0; bit < octets.size() * 8; ++bit) {
    std::string damaged = octets;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(Crc32c(damaged), 0x46dd794eu) << bit;
  }
}

}  // namespace
}  // namespace countersign::base
