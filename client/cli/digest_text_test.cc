#include "client/cli/digest_text.h"

#include <string>

#include "base/encoding.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::HasSubstr;

std::string Octets(size_t size) { return std::string(size, '\xa5'); }

struct GoodCase {
  std::string name;
  size_t size;
  HashAlgorithm hash;
};

class GoodDigestTest : public testing::TestWithParam<GoodCase> {};

TEST_P(GoodDigestTest, IsReadFromHexadecimalAndBase64) {
  const std::string octets = Octets(GetParam().size);
  std::string upper = base::HexEncode(octets);
  for (char& c : upper) c = static_cast<char>(toupper(c));
  for (const std::string& text :
       {base::HexEncode(octets), upper, base::Base64Encode(octets)}) {
    for (const auto& hash :
         {std::optional<HashAlgorithm>(), std::optional(GetParam().hash)}) {
      const auto got = ParseDigest(text, hash);
      ASSERT_OK(got) << text;
      EXPECT_EQ(got->octets, octets);
      EXPECT_EQ(got->hash, GetParam().hash);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Hashes, GoodDigestTest,
    testing::Values(GoodCase{"Sha256", 32, HashAlgorithm::kSha256},
                    GoodCase{"Sha384", 48, HashAlgorithm::kSha384},
                    GoodCase{"Sha512", 64, HashAlgorithm::kSha512}),
    [](const auto& info) { return info.param.name; });

struct BadCase {
  std::string name;
  std::string text;
  std::optional<HashAlgorithm> hash;
  std::string why;
};

class BadDigestTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadDigestTest, IsRefusedWithTheReason) {
  const auto got = ParseDigest(GetParam().text, GetParam().hash);
  EXPECT_THAT(got, HasReason("DIGEST_MALFORMED"));
  EXPECT_THAT(got, StatusIs(absl::StatusCode::kInvalidArgument,
                            HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadDigestTest,
    testing::Values(
        BadCase{"Empty", "", {}, "0 octets"},
        BadCase{"Sha1", base::HexEncode(Octets(20)), {}, "SHA-1"},
        BadCase{"Sha1Base64", base::Base64Encode(Octets(20)), {}, "SHA-1"},
        BadCase{"Md5", base::HexEncode(Octets(16)), {}, "MD5"},
        BadCase{"OneDigitShort",
                base::HexEncode(Octets(32)).substr(1),
                {},
                "neither"},
        BadCase{"OneOctetShort", base::HexEncode(Octets(31)), {}, "31 octets"},
        BadCase{"OneOctetLong", base::HexEncode(Octets(65)), {}, "65 octets"},
        BadCase{"OtherHash", base::HexEncode(Octets(32)),
                HashAlgorithm::kSha512, "SHA-512 has 64"},
        // 64 hexadecimal digits are base64 of 48 octets too: never read so.
        BadCase{"HexOfSha256AsSha384", base::HexEncode(Octets(32)),
                HashAlgorithm::kSha384, "32 octets"},
        BadCase{"WithoutPadding",
                base::Base64Encode(Octets(32)).substr(0, 43),
                {},
                "neither"},
        BadCase{"UrlAlphabet", std::string(42, 'A') + "_=", {}, "neither"},
        BadCase{"Blank", base::HexEncode(Octets(32)) + " ", {}, "neither"},
        BadCase{"FileName", "firmware.bin", {}, "neither"},
        BadCase{"Escape", "\x1b[2J", {}, "\\x1b[2J"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::client
