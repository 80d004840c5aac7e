#include "base/encoding.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

std::string AllOctets() {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets.push_back(static_cast<char>(i));
  return octets;
}

TEST(HexTest, WritesLowerCaseAndReadsEither) {
  EXPECT_EQ(HexEncode(absl::string_view("\x00\x9f\xff", 3)), "009fff");
  EXPECT_EQ(HexEncode(""), "");
  EXPECT_THAT(HexDecode("009fFF"),
              IsOkAndHolds(std::string("\x00\x9f\xff", 3)));
  EXPECT_THAT(HexDecode(""), IsOkAndHolds(""));
  EXPECT_THAT(HexDecode(HexEncode(AllOctets())), IsOkAndHolds(AllOctets()));
}

TEST(HexTest, NamesTheFirstWrongCharacter) {
  EXPECT_THAT(HexDecode("0g1z"), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("character 2 is \"g\"")));
  EXPECT_THAT(HexDecode("00 11"), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("character 3")));
  EXPECT_THAT(HexDecode("00\x1b"), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("\"\\x1b\"")));
}

TEST(HexTest, RefusesOddLength) {
  EXPECT_THAT(HexDecode("0"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("odd")));
  EXPECT_THAT(HexDecode("abc"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("odd")));
}

struct Base64Case {
  const char* octets;
  const char* text;
};

class Base64VectorTest : public testing::TestWithParam<Base64Case> {};

TEST_P(Base64VectorTest, MatchesBothWays) {
  EXPECT_EQ(Base64Encode(GetParam().octets), GetParam().text);
  EXPECT_THAT(Base64Decode(GetParam().text), IsOkAndHolds(GetParam().octets));
}

INSTANTIATE_TEST_SUITE_P(Rfc4648, Base64VectorTest,
                         testing::Values(Base64Case{"", ""},
                                         Base64Case{"f", "Zg=="},
                                         Base64Case{"fo", "Zm8="},
                                         Base64Case{"foo", "Zm9v"},
                                         Base64Case{"foob", "Zm9vYg=="},
                                         Base64Case{"fooba", "Zm9vYmE="},
                                         Base64Case{"foobar", "Zm9vYmFy"},
                                         Base64Case{"\xfb\xff\xbf", "+/+/"}));

TEST(Base64Test, ReadsBackAllOctetsAtEachLength) {
  const std::string octets = AllOctets();
  for (size_t size = 0; size <= octets.size(); ++size) {
    const std::string part = octets.substr(octets.size() - size);
    ASSERT_THAT(Base64Decode(Base64Encode(part)), IsOkAndHolds(part));
  }
}

struct BadBase64Case {
  const char* name;
  std::string text;
  const char* message;
};

class BadBase64Test : public testing::TestWithParam<BadBase64Case> {};

TEST_P(BadBase64Test, IsRefused) {
  EXPECT_THAT(Base64Decode(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Base64, BadBase64Test,
    testing::Values(
        BadBase64Case{"NoPadding", "Zg", "multiple of 4"},
        BadBase64Case{"HalfPadding", "Zg=", "multiple of 4"},
        BadBase64Case{"TooMuchPadding", "Zg===", "character 3"},
        BadBase64Case{"PaddingAlone", "====", "character 1"},
        BadBase64Case{"TwoPaddingsAlone", "==", "multiple of 4"},
        BadBase64Case{"OneDigit", "Z===", "character 2"},
        BadBase64Case{"PaddingInside", "Zg==Zg==", "character 3"},
        BadBase64Case{"PaddingAfterWholeGroup", "Zm9v====", "character 5"},
        BadBase64Case{"Blank", "Zm9v Zm9v", "character 5"},
        BadBase64Case{"Newline", "Zm9v\n", "\"\\x0a\""},
        BadBase64Case{"UrlAlphabet", "-_-_", "character 1"},
        BadBase64Case{"Nul", std::string("Zm9\0", 4), "character 4"},
        BadBase64Case{"HighOctet", "Zm9\xff", "character 4"},
        BadBase64Case{"StrayBitsAfterOneOctet", "Zh==", "stray bits"},
        BadBase64Case{"StrayBitsAfterTwoOctets", "Zm9=", "stray bits"}),
    [](const auto& info) { return info.param.name; });

class Base64UrlVectorTest : public testing::TestWithParam<Base64Case> {};

TEST_P(Base64UrlVectorTest, MatchesBothWays) {
  EXPECT_EQ(Base64UrlEncode(GetParam().octets), GetParam().text);
  EXPECT_THAT(Base64UrlDecode(GetParam().text),
              IsOkAndHolds(GetParam().octets));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc7515, Base64UrlVectorTest,
    testing::Values(Base64Case{"", ""}, Base64Case{"f", "Zg"},
                    Base64Case{"fo", "Zm8"}, Base64Case{"foo", "Zm9v"},
                    Base64Case{"foob", "Zm9vYg"},
                    Base64Case{"\xfb\xff\xbf", "-_-_"},
                    // RFC 7515 appendix C.
                    Base64Case{"\x03\xec\xff\xe0\xc1", "A-z_4ME"}));

TEST(Base64UrlTest, ReadsBackAllOctetsAtEachLength) {
  const std::string octets = AllOctets();
  for (size_t size = 0; size <= octets.size(); ++size) {
    const std::string part = octets.substr(octets.size() - size);
    ASSERT_THAT(Base64UrlDecode(Base64UrlEncode(part)), IsOkAndHolds(part));
  }
}

class BadBase64UrlTest : public testing::TestWithParam<BadBase64Case> {};

TEST_P(BadBase64UrlTest, IsRefused) {
  EXPECT_THAT(Base64UrlDecode(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Base64Url, BadBase64UrlTest,
    testing::Values(
        BadBase64Case{"Padding", "Zg==", "character 3"},
        BadBase64Case{"HalfPadding", "Zg=", "character 3"},
        BadBase64Case{"OneDigit", "Z", "one character too many"},
        BadBase64Case{"FiveDigits", "Zm9vZ", "one character too many"},
        BadBase64Case{"StandardAlphabet", "+/+/", "character 1"},
        BadBase64Case{"Newline", "Zm9\n", "\"\\x0a\""},
        BadBase64Case{"Blank", "Zm9v Zm", "character 5"},
        BadBase64Case{"Nul", std::string("Zm9\0", 4), "character 4"},
        BadBase64Case{"Dot", "Zm9v.Zm9v", "one character too many"},
        BadBase64Case{"StrayBitsAfterOneOctet", "Zh", "stray bits"},
        BadBase64Case{"StrayBitsAfterTwoOctets", "Zm9", "stray bits"}),
    [](const auto& info) { return info.param.name; });

struct Utf8Case {
  const char* name;
  std::string text;
  size_t valid;  // octets of the well-formed beginning
};

class Utf8Test : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8Test, FindsTheEndOfWhatIsWellFormed) {
  const Utf8Case& c = GetParam();
  EXPECT_EQ(ValidUtf8Prefix(c.text), c.valid);
  EXPECT_EQ(IsValidUtf8(c.text), c.valid == c.text.size());
}

INSTANTIATE_TEST_SUITE_P(
    Edges, Utf8Test,
    testing::Values(Utf8Case{"Empty", "", 0}, Utf8Case{"Ascii", "abc\x7f", 4},
                    Utf8Case{"Nul", std::string("a\0b", 3), 3},
                    Utf8Case{"FirstOfTwo", "\xc2\x80", 2},
                    Utf8Case{"LastOfTwo", "\xdf\xbf", 2},
                    Utf8Case{"FirstOfThree", "\xe0\xa0\x80", 3},
                    Utf8Case{"BeforeSurrogates", "\xed\x9f\xbf", 3},
                    Utf8Case{"AfterSurrogates", "\xee\x80\x80", 3},
                    Utf8Case{"LastOfThree", "\xef\xbf\xbf", 3},
                    Utf8Case{"FirstOfFour", "\xf0\x90\x80\x80", 4},
                    Utf8Case{"LastOfFour", "\xf4\x8f\xbf\xbf", 4},
                    Utf8Case{"OverlongTwo", "a\xc0\x80", 1},
                    Utf8Case{"OverlongTwoLast", "\xc1\xbf", 0},
                    Utf8Case{"OverlongThree", "\xe0\x9f\xbf", 0},
                    Utf8Case{"OverlongFour", "\xf0\x8f\xbf\xbf", 0},
                    Utf8Case{"FirstSurrogate", "\xed\xa0\x80", 0},
                    Utf8Case{"LastSurrogate", "\xed\xbf\xbf", 0},
                    Utf8Case{"OverTheTop", "\xf4\x90\x80\x80", 0},
                    Utf8Case{"LeadF5", "\xf5\x80\x80\x80", 0},
                    Utf8Case{"LeadFf", "\xff", 0},
                    Utf8Case{"LoneContinuation", "ab\x80", 2},
                    Utf8Case{"CutTwo", "\xc2", 0},
                    Utf8Case{"CutThree", "a\xe2\x82", 1},
                    Utf8Case{"CutFour", "\xf0\x9f\x98", 0},
                    Utf8Case{"BadThirdOctet", "\xe2\x82\x28", 0},
                    Utf8Case{"BadFourthOctet", "\xf0\x9f\x98\x28", 0},
                    Utf8Case{"ContinuesAfterLead", "\xc2\xc2\x80", 0}),
    [](const auto& info) { return info.param.name; });

struct EscapeCase {
  const char* name;
  std::string text;
  const char* want;
};

class EscapeTest : public testing::TestWithParam<EscapeCase> {};

TEST_P(EscapeTest, IsSafeToShow) {
  EXPECT_EQ(EscapeForDisplay(GetParam().text), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, EscapeTest,
    testing::Values(
        EscapeCase{"Empty", "", ""},
        EscapeCase{"PlainText", "Release 1.0 \"x\"", "Release 1.0 \"x\""},
        EscapeCase{"Umlauts", "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"},
        EscapeCase{"Emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        EscapeCase{"Newline", "a\nb", "a\\x0ab"},
        EscapeCase{"TabAndReturn", "\t\r", "\\x09\\x0d"},
        EscapeCase{"Nul", std::string("\0", 1), "\\x00"},
        EscapeCase{"TerminalSequence", "\x1b[2J", "\\x1b[2J"},
        EscapeCase{"Del", "\x7f", "\\x7f"},
        EscapeCase{"FirstC1", "\xc2\x80", "\\u{0080}"},
        EscapeCase{"Csi", "\xc2\x9b", "\\u{009b}"},
        EscapeCase{"LastC1", "\xc2\x9f", "\\u{009f}"},
        EscapeCase{"NoBreakSpaceStays", "\xc2\xa0", "\xc2\xa0"},
        EscapeCase{"BrokenUtf8", "a\xff\xe2\x82", "a\\xff\\xe2\\x82"},
        EscapeCase{"Surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
        EscapeCase{"TagCharacter", "\xf3\xa0\x81\x81", "\\u{e0041}"}),
    [](const auto& info) { return info.param.name; });

// UTF-8 of a code point between U+0800 and U+FFFF.
std::string Three(int c) {
  return {static_cast<char>(0xe0 | c >> 12),
          static_cast<char>(0x80 | (c >> 6 & 0x3f)),
          static_cast<char>(0x80 | (c & 0x3f))};
}

TEST(EscapeForDisplayTest, EscapesAllThatReordersOrHides) {
  for (const int c : {0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029,
                      0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066,
                      0x2067, 0x2068, 0x2069, 0xfeff}) {
    ASSERT_EQ(EscapeForDisplay(Three(c)).substr(0, 3), "\\u{") << std::hex << c;
  }
  EXPECT_EQ(EscapeForDisplay("\xd8\x9c"), "\\u{061c}");
  EXPECT_EQ(EscapeForDisplay("x" + Three(0x202e) + "y"), "x\\u{202e}y");
}

TEST(EscapeForDisplayTest, LeavesTheirNeighboursAlone) {
  for (const int c :
       {0x200a, 0x2010, 0x2027, 0x202f, 0x205f, 0x2070, 0xfefe, 0xff00}) {
    ASSERT_EQ(EscapeForDisplay(Three(c)), Three(c)) << std::hex << c;
  }
}

TEST(EscapeForDisplayTest, EscapesEachC0Octet) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string shown =
        EscapeForDisplay(std::string(1, static_cast<char>(c)));
    ASSERT_EQ(shown.size(), 4u) << c;
    ASSERT_EQ(shown.substr(0, 2), "\\x") << c;
  }
}

}  // namespace
}  // namespace countersign::base
