#include "base/der.h"

#include <string>

#include "base/encoding.h"
#include "base/openssl.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

std::string Hex(const std::string& octets) { return HexEncode(octets); }

TEST(DerTest, WritesShortAndLongLengths) {
  EXPECT_EQ(Hex(DerElement(0x04, "")), "0400");
  EXPECT_EQ(Hex(DerElement(0x04, std::string(127, 'a'))).substr(0, 4), "047f");
  EXPECT_EQ(Hex(DerElement(0x04, std::string(128, 'a'))).substr(0, 6),
            "048180");
  EXPECT_EQ(Hex(DerElement(0x04, std::string(256, 'a'))).substr(0, 8),
            "04820100");
  EXPECT_EQ(Hex(DerElement(0x04, std::string(70000, 'a'))).substr(0, 10),
            "0483011170");
}

struct IntegerCase {
  const char* name;
  std::string octets;
  const char* want;
};

class DerUnsignedTest : public testing::TestWithParam<IntegerCase> {};

TEST_P(DerUnsignedTest, IsMinimal) {
  EXPECT_EQ(Hex(DerUnsigned(GetParam().octets)), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    X690, DerUnsignedTest,
    testing::Values(
        IntegerCase{"Nothing", "", "020100"},
        IntegerCase{"Zero", std::string(3, '\0'), "020100"},
        IntegerCase{"Small", std::string("\0\x7f", 2), "02017f"},
        IntegerCase{"SignBit", "\x80", "02020080"},
        IntegerCase{"F4", std::string("\x01\0\x01", 3), "0203010001"},
        IntegerCase{"KeepsInnerZeros", std::string("\0\0\x01\0\xff", 5),
                    "02030100ff"}),
    [](const auto& info) { return info.param.name; });

TEST(DerTest, OpensslReadsSequencesAndBitStrings) {
  const std::string der =
      DerSequence(DerUnsigned("\x2a") + DerUnsigned("\xff"));
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSigPtr signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(signature, nullptr);
  EXPECT_EQ(BN_get_word(ECDSA_SIG_get0_r(signature.get())), 42u);
  EXPECT_EQ(BN_get_word(ECDSA_SIG_get0_s(signature.get())), 255u);
  EXPECT_EQ(Hex(DerBitString("\x01\x02")), "0303000102");
}

}  // namespace
}  // namespace countersign::base
