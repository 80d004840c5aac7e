#include "base/pem.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(FormatPemTest, WritesOneBlock) {
  EXPECT_EQ(FormatPem({"X", {}, "foobar"}),
            "-----BEGIN X-----\nZm9vYmFy\n-----END X-----\n");
}

TEST(FormatPemTest, WritesHeadersAndABlankLine) {
  EXPECT_EQ(FormatPem({"SIGNATURE",
                       {{"Signature Algorithm", "RSASSA-PSS"}, {"B", "2"}},
                       "foo"}),
            "-----BEGIN SIGNATURE-----\n"
            "Signature Algorithm: RSASSA-PSS\n"
            "B: 2\n"
            "\n"
            "Zm9v\n"
            "-----END SIGNATURE-----\n");
}

TEST(FormatPemTest, BreaksLinesAfter64Columns) {
  // 48 octets are one whole line, 49 need a second one.
  EXPECT_EQ(FormatPem({"X", {}, std::string(48, '\0')}),
            absl::StrCat("-----BEGIN X-----\n", std::string(64, 'A'),
                         "\n-----END X-----\n"));
  EXPECT_EQ(FormatPem({"X", {}, std::string(49, '\0')}),
            absl::StrCat("-----BEGIN X-----\n", std::string(64, 'A'),
                         "\nAA==\n-----END X-----\n"));
}

TEST(FormatPemTest, KeepsLabelAndHeadersOnOneLine) {
  EXPECT_EQ(FormatPem({"X", {{"K", "v\n-----END X-----"}}, ""}),
            "-----BEGIN X-----\nK: v -----END X-----\n\n-----END X-----\n");
}

TEST(ParsePemTest, ReadsBackWhatFormatWrites) {
  for (size_t size = 0; size < 200; ++size) {
    const std::string contents(size, static_cast<char>(size));
    const std::string text =
        FormatPem({"CERTIFICATE", {{"A b", "c: d"}}, contents});
    ASSERT_OK_AND_ASSIGN(const std::vector<PemBlock> blocks, ParsePem(text));
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_EQ(blocks[0].label, "CERTIFICATE");
    EXPECT_THAT(blocks[0].headers, ElementsAre(Pair("A b", "c: d")));
    EXPECT_EQ(blocks[0].contents, contents);
  }
}

TEST(ParsePemTest, ReadsBlocksInOrderAndSkipsTextBetween) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<PemBlock> blocks,
      ParsePem("subject=CN = x\n" + FormatPem({"A", {}, "1"}) +
               "\n  words: and -----BEGIN in them\n" +
               FormatPem({"B C", {{"K", "v"}}, "2"}) + "after"));
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].label, "A");
  EXPECT_EQ(blocks[0].contents, "1");
  EXPECT_THAT(blocks[0].headers, IsEmpty());
  EXPECT_EQ(blocks[1].label, "B C");
  EXPECT_EQ(blocks[1].contents, "2");
}

TEST(ParsePemTest, FindsNothingInOtherText) {
  ASSERT_OK_AND_ASSIGN(const auto none, ParsePem(""));
  EXPECT_THAT(none, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto words, ParsePem("no block\nhere\n"));
  EXPECT_THAT(words, IsEmpty());
}

struct LaxCase {
  const char* name;
  const char* text;
};

class LaxTest : public testing::TestWithParam<LaxCase> {};

TEST_P(LaxTest, IsReadAsFoobar) {
  ASSERT_OK_AND_ASSIGN(const auto blocks, ParsePem(GetParam().text));
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].contents, "foobar");
}

INSTANTIATE_TEST_SUITE_P(
    Texts, LaxTest,
    testing::Values(
        LaxCase{"CarriageReturns",
                "-----BEGIN X-----\r\nZm9v\r\nYmFy\r\n-----END X-----\r\n"},
        LaxCase{"NoNewlineAtTheEnd",
                "-----BEGIN X-----\nZm9vYmFy\n-----END X-----"},
        LaxCase{"ShortLines",
                "-----BEGIN X-----\nZm9\nvY\nmFy\n-----END X-----\n"},
        LaxCase{"BlankLineWithoutHeaders",
                "-----BEGIN X-----\n\nZm9vYmFy\n-----END X-----\n"},
        LaxCase{"BlanksAtLineEnds",
                "-----BEGIN X----- \nZm9vYmFy \t\n-----END X-----\t\n"},
        LaxCase{"HeaderWithoutBlank",
                "-----BEGIN X-----\nK:v\n\nZm9vYmFy\n-----END X-----\n"},
        LaxCase{"HeaderWithoutValue",
                "-----BEGIN X-----\nK:\n\nZm9vYmFy\n-----END X-----\n"}),
    [](const auto& info) { return info.param.name; });

struct BadCase {
  const char* name;
  const char* text;
  const char* message;
};

class BadPemTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadPemTest, IsRefusedWithItsLine) {
  EXPECT_THAT(ParsePem(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadPemTest,
    testing::Values(
        BadCase{"NoEnd", "text\n-----BEGIN X-----\nZm9v\n",
                "line 2: BEGIN without END"},
        BadCase{"BeginAlone", "-----BEGIN X-----", "line 1: BEGIN without END"},
        BadCase{"EndAlone", "\n\n-----END X-----\n",
                "line 3: END without BEGIN"},
        BadCase{"OtherEnd", "-----BEGIN X-----\nZm9v\n-----END Y-----\n",
                "line 3: END does not fit BEGIN"},
        BadCase{"BrokenEnd", "-----BEGIN X-----\nZm9v\n-----END X---\n",
                "line 3: END does not fit BEGIN"},
        BadCase{"FewDashes", "-----BEGIN X---\nZm9v\n-----END X-----\n",
                "line 1: broken BEGIN"},
        BadCase{"NoLabel", "-----BEGIN -----\nZm9v\n-----END -----\n",
                "line 1: broken BEGIN"},
        BadCase{"ControlInLabel", "-----BEGIN \x01-----\n-----END \x01-----\n",
                "line 1: broken BEGIN"},
        BadCase{"BeginInABlock",
                "-----BEGIN X-----\nZm9v\n-----BEGIN X-----\nZm9v\n"
                "-----END X-----\n",
                "line 3: BEGIN in a block"},
        BadCase{"WrongCharacter",
                "-----BEGIN X-----\nZm9v\nZm*v\n-----END X-----\n",
                "line 3: column 3 is not base64: \"*\""},
        BadCase{"BlankInALine", "-----BEGIN X-----\nZm 9v\n-----END X-----\n",
                "line 2: column 3"},
        BadCase{"IndentedLine", "-----BEGIN X-----\n Zm9v\n-----END X-----\n",
                "line 2: column 1"},
        BadCase{"BadPadding", "-----BEGIN X-----\nZm9vZg\n-----END X-----\n",
                "line 1: not base64"},
        BadCase{"PaddingInside",
                "-----BEGIN X-----\nZg==\nZg==\n-----END X-----\n",
                "line 1: not base64"},
        BadCase{"StrayBits", "-----BEGIN X-----\nZh==\n-----END X-----\n",
                "line 1: not base64: stray bits"},
        BadCase{"HeaderWithoutBlankLine",
                "-----BEGIN X-----\nK: v\nZm9v\n-----END X-----\n",
                "line 3: no blank line"},
        BadCase{"HeaderThenEnd", "-----BEGIN X-----\nK: v\n-----END X-----\n",
                "line 3: no blank line"},
        BadCase{"HeaderWithoutKey",
                "-----BEGIN X-----\n: v\n\nZm9v\n-----END X-----\n",
                "line 2: broken header"},
        BadCase{"FoldedHeader",
                "-----BEGIN X-----\nK: v\n w: x\n\nZm9v\n-----END X-----\n",
                "line 3: broken header"},
        BadCase{"LateHeader",
                "-----BEGIN X-----\nZm9v\nK: v\n-----END X-----\n",
                "line 3: column 2"}),
    [](const auto& info) { return info.param.name; });

TEST(ParsePemTest, SecondBlockBrokenRefusesAll) {
  EXPECT_THAT(ParsePem(FormatPem({"A", {}, "1"}) + "-----BEGIN B-----\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 4: BEGIN without END")));
}

TEST(ParsePemTest, RefusesMoreThanOneMebibyte) {
  const std::string text(1 << 20, ' ');
  EXPECT_OK(ParsePem(text));
  EXPECT_THAT(ParsePem(text + " "),
              HasCode(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace countersign::base
