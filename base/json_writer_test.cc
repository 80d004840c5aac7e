// CanonicalJson, PrettyJson, CompactJson and FormatEs6Number of base/json.h.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "base/json.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

double FromBits(uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

struct Es6Case {
  uint64_t bits;
  const char* want;
};

class Es6NumberTest : public testing::TestWithParam<Es6Case> {};

TEST_P(Es6NumberTest, IsWrittenAsEcmaScriptDoes) {
  EXPECT_EQ(FormatEs6Number(FromBits(GetParam().bits)), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc8785AppendixB, Es6NumberTest,
    testing::Values(Es6Case{0x0000000000000000, "0"},
                    Es6Case{0x8000000000000000, "0"},
                    Es6Case{0x0000000000000001, "5e-324"},
                    Es6Case{0x8000000000000001, "-5e-324"},
                    Es6Case{0x7fefffffffffffff, "1.7976931348623157e+308"},
                    Es6Case{0xffefffffffffffff, "-1.7976931348623157e+308"},
                    Es6Case{0x4340000000000000, "9007199254740992"},
                    Es6Case{0xc340000000000000, "-9007199254740992"},
                    Es6Case{0x4430000000000000, "295147905179352830000"},
                    Es6Case{0x44b52d02c7e14af5, "9.999999999999997e+22"},
                    Es6Case{0x44b52d02c7e14af6, "1e+23"},
                    Es6Case{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                    Es6Case{0x444b1ae4d6e2ef4e, "999999999999999700000"},
                    Es6Case{0x444b1ae4d6e2ef4f, "999999999999999900000"},
                    Es6Case{0x444b1ae4d6e2ef50, "1e+21"},
                    Es6Case{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                    Es6Case{0x3eb0c6f7a0b5ed8d, "0.000001"},
                    Es6Case{0x41b3de4355555553, "333333333.3333332"},
                    Es6Case{0x41b3de4355555554, "333333333.33333325"},
                    Es6Case{0x41b3de4355555555, "333333333.3333333"},
                    Es6Case{0x41b3de4355555556, "333333333.3333334"},
                    Es6Case{0x41b3de4355555557, "333333333.33333343"},
                    Es6Case{0xbecbf647612f3696, "-0.0000033333333333333333"},
                    Es6Case{0x43143ff3c1cb0959, "1424953923781206.2"}));

TEST(FormatEs6NumberTest, LaysOutEachRange) {
  EXPECT_EQ(FormatEs6Number(1), "1");
  EXPECT_EQ(FormatEs6Number(-10), "-10");
  EXPECT_EQ(FormatEs6Number(4.5), "4.5");
  EXPECT_EQ(FormatEs6Number(0.002), "0.002");
  EXPECT_EQ(FormatEs6Number(1e-7), "1e-7");
  EXPECT_EQ(FormatEs6Number(1.5e-7), "1.5e-7");
  EXPECT_EQ(FormatEs6Number(1e20), "100000000000000000000");
  EXPECT_EQ(FormatEs6Number(1e30), "1e+30");
  EXPECT_EQ(FormatEs6Number(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(FormatEs6Number(9007199254740994.0), "9007199254740994");
}

TEST(FormatEs6NumberTest, ReadsBackAsTheSameDouble) {
  FakeRandom random(3);
  for (int i = 0; i < 20000; ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, random.Bytes(8).data(), 8);
    const double value = FromBits(bits);
    if (!std::isfinite(value)) continue;
    const std::string text = FormatEs6Number(value);
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    ASSERT_THAT(ParseJson(text), IsOkAndHolds(Json(value)));
  }
}

TEST(CanonicalJsonTest, WritesTheExampleOfRfc8785) {
  ASSERT_OK_AND_ASSIGN(const Json value, ParseJson(R"({
        "numbers": [333333333.33333329, 1E30, 4.50,
                    2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      })"));
  EXPECT_THAT(CanonicalJson(value),
              IsOkAndHolds("{\"literals\":[null,true,false],"
                           "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
                           "1e-27],"
                           "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\"
                           "\\\\\\\"/\"}"));
}

TEST(CanonicalJsonTest, SortsKeysByUtf16CodeUnits) {
  // RFC 8785 3.2.3: U+1F600 comes before U+FB33, though its octets are larger.
  ASSERT_OK_AND_ASSIGN(const Json value, ParseJson(R"({
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis"
  })"));
  EXPECT_THAT(CanonicalJson(value),
              IsOkAndHolds("{\"\\r\":\"Carriage Return\",\"1\":\"One\","
                           "\"\xc2\x80\":\"Control\","
                           "\"\xc3\xb6\":\"Latin Small Letter O With "
                           "Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
                           "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
                           "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With "
                           "Dagesh\"}"));
}

// Two keys, the smaller one first.
struct OrderCase {
  const char* first;
  const char* second;
};

class KeyOrderTest : public testing::TestWithParam<OrderCase> {};

TEST_P(KeyOrderTest, DoesNotDependOnTheInput) {
  const auto& [first, second] = GetParam();
  const auto a = CanonicalJson(Json::Object{{first, 1}, {second, 2}});
  const auto b = CanonicalJson(Json::Object{{second, 2}, {first, 1}});
  ASSERT_OK(a);
  EXPECT_THAT(b, IsOkAndHolds(*a));
  EXPECT_LT(a->find(":1"), a->find(":2"));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, KeyOrderTest,
    testing::Values(OrderCase{"", "a"}, OrderCase{"a", "aa"},
                    OrderCase{"aa", "b"}, OrderCase{"A", "a"},
                    OrderCase{"z", "\xc2\x80"},
                    OrderCase{"\xdf\xbf", "\xe0\xa0\x80"},
                    // U+D7FF, U+10000, U+E000, U+FFFF
                    OrderCase{"\xed\x9f\xbf", "\xf0\x90\x80\x80"},
                    OrderCase{"\xf0\x90\x80\x80", "\xee\x80\x80"},
                    OrderCase{"\xf4\x8f\xbf\xbf", "\xef\xbf\xbf"},
                    OrderCase{"x\xf0\x90\x80\x80z",
                              "x\xee\x80\x80"
                              "a"},
                    OrderCase{"\xf0\x90\x80\x80", "\xf0\x90\x80\x81"}));

TEST(CanonicalJsonTest, EscapesOnlyWhatItMust) {
  EXPECT_THAT(CanonicalJson(Json(std::string("\0\x1f\b\f\n\r\t\"\\/\x7f", 11))),
              IsOkAndHolds("\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\x7f\""));
  EXPECT_THAT(CanonicalJson("\xe2\x80\xa8\xf0\x9f\x98\x80"),
              IsOkAndHolds("\"\xe2\x80\xa8\xf0\x9f\x98\x80\""));
}

TEST(CanonicalJsonTest, SortsInsideArraysAndKeepsTheirOrder) {
  ASSERT_OK_AND_ASSIGN(const Json value,
                       ParseJson(R"([{"b":[],"a":{}},3,1,-0.0])"));
  EXPECT_THAT(CanonicalJson(value), IsOkAndHolds(R"([{"a":{},"b":[]},3,1,0])"));
}

TEST(CanonicalJsonTest, RefusesWhatHasNoCanonicalForm) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Json& bad :
       {Json(infinity), Json(-infinity), Json(std::nan("")), Json("\xff"),
        Json(Json::Array{1, "\xed\xa0\x80"}), Json(Json::Object{{"\x80", 1}}),
        Json(Json::Object{{"a", Json::Array{std::nan("")}}}),
        Json(Json::Object{{"a", 1}, {"b", 2}, {"a", 3}})}) {
    EXPECT_THAT(CanonicalJson(bad),
                HasCode(absl::StatusCode::kInvalidArgument));
  }
}

TEST(CanonicalJsonTest, IsAFixedPoint) {
  ASSERT_OK_AND_ASSIGN(const std::string once,
                       CanonicalJson(Json::Object{
                           {"z", Json::Array{1e21, 0.1, "\n"}}, {"a", 1}}));
  ASSERT_OK_AND_ASSIGN(const Json again, ParseJson(once));
  EXPECT_THAT(CanonicalJson(again), IsOkAndHolds(once));
}

Json Sample() {
  return Json::Object{{"b", Json::Array{1, Json::Object{}, Json::Array{}}},
                      {"a", Json::Object{{"k", "v/\xc3\xa9"}, {"n", Json()}}},
                      {"t", true}};
}

TEST(PrettyJsonTest, IndentsAndKeepsTheOrder) {
  EXPECT_EQ(PrettyJson(Sample()),
            "{\n"
            "  \"b\": [\n"
            "    1,\n"
            "    {},\n"
            "    []\n"
            "  ],\n"
            "  \"a\": {\n"
            "    \"k\": \"v/\xc3\xa9\",\n"
            "    \"n\": null\n"
            "  },\n"
            "  \"t\": true\n"
            "}");
}

TEST(CompactJsonTest, WritesOneLineAndKeepsTheOrder) {
  EXPECT_EQ(CompactJson(Sample()),
            "{\"b\":[1,{},[]],\"a\":{\"k\":\"v/\xc3\xa9\",\"n\":null},"
            "\"t\":true}");
}

TEST(CompactJsonTest, ReadsBackAsTheSameValue) {
  EXPECT_THAT(ParseJson(CompactJson(Sample())), IsOkAndHolds(Sample()));
  EXPECT_THAT(ParseJson(PrettyJson(Sample())), IsOkAndHolds(Sample()));
}

TEST(CompactJsonTest, IsJsonWhateverTheOctets) {
  EXPECT_EQ(CompactJson("a\xff\xfe"
                        "b\xe2\x82"),
            "\"a\xef\xbf\xbd\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(CompactJson(std::nan("")), "null");
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_OK(ParseJson(CompactJson(Json::Object{{all, all}})));
}

}  // namespace
}  // namespace countersign::base
