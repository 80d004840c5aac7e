// ParseJson of base/json.h. A table of bad texts makes this file long.
#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

struct GoodCase {
  const char* name;
  std::string text;
  Json want;
};

class GoodJsonTest : public testing::TestWithParam<GoodCase> {};

TEST_P(GoodJsonTest, IsRead) {
  EXPECT_THAT(ParseJson(GetParam().text), IsOkAndHolds(GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, GoodJsonTest,
    testing::Values(
        GoodCase{"Null", "null", Json()}, GoodCase{"True", "true", true},
        GoodCase{"False", "false", false}, GoodCase{"Zero", "0", 0},
        GoodCase{"Negative", "-12", -12}, GoodCase{"Fraction", "0.5", 0.5},
        GoodCase{"Exponents", "[1e2,1E+2,100e-2,0e0,0E99999]",
                 Json::Array{100, 100, 1, 0, 0}},
        GoodCase{"Blanks", " \t\r\n[ 1 , 2 ]\n ", Json::Array{1, 2}},
        GoodCase{"EmptyArray", "[ ]", Json::Array{}},
        GoodCase{"EmptyObject", "{ }", Json::Object{}},
        GoodCase{"MembersInTheirOrder", R"({"b":1,"a":{"c":[]},"":null})",
                 Json::Object{{"b", 1},
                              {"a", Json::Object{{"c", Json::Array{}}}},
                              {"", Json()}}},
        GoodCase{"EmptyString", R"("")", ""},
        GoodCase{"AllEscapes", R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
        GoodCase{"UnicodeEscapes", R"("\u0041\u00e9\u20AC\uFFFF")",
                 "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"},
        GoodCase{"EscapedNul", R"("a\u0000b")", std::string("a\0b", 3)},
        GoodCase{"SurrogatePair", R"("\ud83d\ude00")", "\xf0\x9f\x98\x80"},
        GoodCase{"FirstAndLastPair", R"("\ud800\udc00\udbff\udfff")",
                 "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        GoodCase{"RawUtf8", "\"\xf0\x9f\x98\x80\x7f\"", "\xf0\x9f\x98\x80\x7f"},
        GoodCase{"SiblingsMayShareKeys", R"([{"a":1},{"a":{"a":2}}])",
                 Json::Array{Json::Object{{"a", 1}},
                             Json::Object{{"a", Json::Object{{"a", 2}}}}}}),
    [](const auto& info) { return info.param.name; });

struct NumberCase {
  const char* text;
  double want;
};

class NumberTest : public testing::TestWithParam<NumberCase> {};

TEST_P(NumberTest, IsTheNearestDouble) {
  ASSERT_OK_AND_ASSIGN(const Json value, ParseJson(GetParam().text));
  EXPECT_EQ(value.number(), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Exact, NumberTest,
    testing::Values(
        NumberCase{"0.1", 0.1}, NumberCase{"9007199254740993", 0x1p53},
        NumberCase{"9007199254740993.0000000000000000000001", 0x1p53 + 2},
        NumberCase{"1.7976931348623157e308",
                   std::numeric_limits<double>::max()},
        NumberCase{"1.7976931348623158e308",
                   std::numeric_limits<double>::max()},
        NumberCase{"2.2250738585072014e-308", 0x1p-1022},
        NumberCase{"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        NumberCase{"5e-324", 0x1p-1074}, NumberCase{"3e-324", 0x1p-1074},
        NumberCase{"2e-324", 0}, NumberCase{"1e-400", 0},
        NumberCase{"1e-99999999999999999999", 0},
        NumberCase{"0e99999999999999999999", 0}, NumberCase{"0.000001e6", 1},
        NumberCase{"123456789012345678901234567890", 1.2345678901234568e29}));

TEST(ParseJsonTest, KeepsTheSignOfZero) {
  ASSERT_OK_AND_ASSIGN(const Json value, ParseJson("-0"));
  EXPECT_TRUE(std::signbit(value.number()));
}

struct BadCase {
  const char* name;
  std::string text;
  const char* message;
};

class BadJsonTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadJsonTest, IsRefusedWithLineAndColumn) {
  EXPECT_THAT(ParseJson(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Structure, BadJsonTest,
    testing::Values(
        BadCase{"Empty", "", "line 1, column 1: text ends too early"},
        BadCase{"BlanksAlone", " \n ", "line 2, column 2: text ends"},
        BadCase{"TwoValues", "1 2", "column 3: something after the value"},
        BadCase{"TrailingBracket", "[]]", "column 3: something after"},
        BadCase{"OpenArray", "[1", "column 3: text ends"},
        BadCase{"OpenObject", "{\"a\":1", "column 7: text ends"},
        BadCase{"OpenKey", "{\"a", "column 4: text ends"},
        BadCase{"KeyAlone", "{\"a\"}", "column 5: no \":\""},
        BadCase{"NoValue", "{\"a\":}", "column 6: not a value"},
        BadCase{"BareKey", "{a:1}", "column 2: not a key"},
        BadCase{"NumberKey", "{1:1}", "column 2: not a key"},
        BadCase{"TrailingComma", "[1,]", "column 4: not a value"},
        BadCase{"TrailingCommaInObject", "{\"a\":1,}", "column 8: not a key"},
        BadCase{"LeadingComma", "[,1]", "column 2: not a value"},
        BadCase{"NoComma", "[1 2]", "column 4: neither \",\" nor \"]\""},
        BadCase{"WrongBracket", "[1}", "column 3: neither"},
        BadCase{"NoCommaInObject", "{\"a\":1 \"b\":2}",
                "column 8: neither \",\" nor \"}\""},
        BadCase{"Comment", "[1] // x", "column 5: something after"},
        BadCase{"SingleQuotes", "'a'", "column 1: not a value"},
        BadCase{"UpperCaseWord", "True", "column 1: not a value"},
        BadCase{"CutWord", "tru", "column 1: not a value"},
        BadCase{"LongWord", "nulll", "column 5: something after"},
        BadCase{"NaN", "NaN", "column 1: not a value"},
        BadCase{"Infinity", "-Infinity", "column 2: no digit after"},
        BadCase{"FormFeed", "\f1", "column 1: not a value"},
        BadCase{"Nul", std::string("1\0", 2), "column 2: something after"},
        BadCase{"ByteOrderMark", "\xef\xbb\xbf{}", "byte order mark"},
        BadCase{"NoBreakSpace", "\xc2\xa0{}", "column 1: not a value"},
        BadCase{"ThirdLine", "{\n\"a\": 1,\n  \"b\" 2}",
                "line 3, column 7: no \":\""}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadJsonTest,
    testing::Values(
        BadCase{"LeadingZero", "01", "column 1: number with a leading zero"},
        BadCase{"NegativeLeadingZero", "-01", "leading zero"},
        BadCase{"Plus", "+1", "column 1: not a value"},
        BadCase{"MinusAlone", "[-]", "column 3: no digit after"},
        BadCase{"PointFirst", ".5", "column 1: not a value"},
        BadCase{"PointLast", "[1.]", "column 4: no digit after the point"},
        BadCase{"PointThenExponent", "[1.e5]", "no digit after the point"},
        BadCase{"EmptyExponent", "[1e]", "no digit in the exponent"},
        BadCase{"SignedEmptyExponent", "[1e+]", "no digit in the exponent"},
        BadCase{"TwoSigns", "[1e+-1]", "no digit in the exponent"},
        BadCase{"Hexadecimal", "0x10", "column 2: something after"},
        BadCase{"TooLarge", "[1e309]", "column 2: number is too large"},
        BadCase{"TooLargeNegative", "-1e309", "too large"},
        BadCase{"JustTooLarge", "1.7976931348623159e308", "too large"},
        BadCase{"HugeExponent", "1e99999999999999999999", "too large"},
        BadCase{"ManyDigits", std::string(400, '9'), "too large"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Strings, BadJsonTest,
    testing::Values(
        BadCase{"Open", "\"abc", "column 5: text ends"},
        BadCase{"RawNewline", "\"a\nb\"", "column 3: control character"},
        BadCase{"RawTab", "\"\t\"", "column 2: control character"},
        BadCase{"RawNul", std::string("\"\0\"", 3), "control character"},
        BadCase{"UnknownEscape", "\"a\\x41\"", "column 3: unknown escape"},
        BadCase{"UpperCaseEscape", "\"\\N\"", "unknown escape"},
        BadCase{"EscapeAtTheEnd", "\"\\", "column 3: text ends"},
        BadCase{"ShortUnicode", "\"\\u12\"", "not four digits"},
        BadCase{"CutUnicode", "\"\\u12", "column 6: text ends"},
        BadCase{"BadUnicode", "\"\\u12g4\"", "not four digits"},
        BadCase{"SignedUnicode", "\"\\u+123\"", "not four digits"},
        BadCase{"LoneHigh", R"("\ud83d")", "column 2: half a surrogate"},
        BadCase{"LoneLow", R"("\ude00")", "column 2: half a surrogate"},
        BadCase{"HighThenText", R"("\ud83dx")", "half a surrogate"},
        BadCase{"HighThenOtherEscape", R"("\ud83d\n")", "half a surrogate"},
        BadCase{"HighThenHigh", R"("\ud83d\ud83d")", "half a surrogate"},
        BadCase{"HighThenPrivateUse", R"("\ud83d\ue000")", "half a surrogate"},
        BadCase{"HighThenBmp", R"("\ud83d\u0041")", "half a surrogate"},
        BadCase{"SwappedPair", R"("\ude00\ud83d")", "half a surrogate"},
        BadCase{"Latin1", "[\"\xe9\"]", "line 1, column 3: not UTF-8"},
        BadCase{"RawSurrogate", "\"\xed\xa0\xbd\"", "not UTF-8"},
        BadCase{"Overlong", "\"\xc0\xaf\"", "not UTF-8"},
        BadCase{"Utf16", std::string("\xff\xfe\x31\0", 4), "not UTF-8"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Keys, BadJsonTest,
    testing::Values(
        BadCase{"Twice", R"({"a":1,"b":2,"a":1})",
                "column 14: key occurs twice: \"a\""},
        BadCase{"TwiceByEscape", R"({"a":1,"\u0061":1})", "column 8: key"},
        BadCase{"EmptyTwice", R"({"":1,"":2})", "key occurs twice"},
        BadCase{"Deep", R"([{"x":{"k":1,"k":2}}])", "key occurs twice: \"k\""},
        BadCase{"ShownSafely", "{\"\\u001b\":1,\"\\u001b\":1}", "\"\\x1b\""}),
    [](const auto& info) { return info.param.name; });

std::string Nested(int depth, const char* open, const char* close) {
  std::string text;
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, open);
  absl::StrAppend(&text, "1");
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, close);
  return text;
}

TEST(ParseJsonTest, RefusesNestingOverTheLimit) {
  EXPECT_OK(ParseJson(Nested(64, "[", "]")));
  EXPECT_THAT(ParseJson(Nested(65, "[", "]")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("column 65: nested deeper than 64")));
  EXPECT_OK(ParseJson(Nested(64, "{\"a\":", "}")));
  EXPECT_THAT(ParseJson(Nested(65, "{\"a\":", "}")),
              HasCode(absl::StatusCode::kInvalidArgument));
  // Open brackets alone do not end the stack either.
  EXPECT_THAT(
      ParseJson(std::string(1 << 20, '[')),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nested deeper")));
  JsonLimits flat;
  flat.max_depth = 0;
  EXPECT_OK(ParseJson("1", flat));
  EXPECT_THAT(ParseJson("[]", flat),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST(ParseJsonTest, RefusesTextOverTheLimit) {
  JsonLimits limits;
  limits.max_bytes = 4;
  EXPECT_OK(ParseJson("1234", limits));
  EXPECT_THAT(
      ParseJson("12345", limits),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("over 4")));
}

// With a comparison of each key with each other this would take minutes.
TEST(ParseJsonTest, FindsDuplicatesInLargeObjects) {
  std::string text = "{";
  for (int i = 0; i < 300000; ++i) absl::StrAppend(&text, "\"k", i, "\":0,");
  EXPECT_OK(ParseJson(absl::StrCat(text, "\"last\":0}")));
  EXPECT_THAT(ParseJson(absl::StrCat(text, "\"k17\":0}")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("key occurs twice: \"k17\"")));
}

TEST(ParseJsonTest, EachCutOfATextIsRefused) {
  const std::string text =
      R"({"a":[1.5e-3,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":false}})";
  ASSERT_OK(ParseJson(text));
  for (size_t size = 0; size < text.size(); ++size) {
    ASSERT_THAT(ParseJson(text.substr(0, size)),
                HasCode(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

}  // namespace
}  // namespace countersign::base
