#include "client/artifact/yaml_scalar.h"

#include <cmath>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::Json;

struct Row {
  const char* text;
  Json want;
};

TEST(ResolvePlainScalar, ReadsYaml11AsGoDoes) {
  const Row kRows[] = {
      {"", Json()},
      {"~", Json()},
      {"null", Json()},
      {"NULL", Json()},
      {"nUll", Json("nUll")},
      {"yes", Json(true)},
      {"Yes", Json(true)},
      {"yEs", Json("yEs")},
      {"y", Json(true)},
      {"N", Json(false)},
      {"on", Json(true)},
      {"OFF", Json(false)},
      {"true", Json(true)},
      {"False", Json(false)},
      {"0", Json(0)},
      {"-1", Json(-1)},
      {"+5", Json(5)},
      {"010", Json(8)},
      {"0777", Json(511)},
      {"0o17", Json(15)},
      {"0O17", Json(15)},
      {"0x1F", Json(31)},
      {"0XfF", Json(255)},
      {"-0x10", Json(-16)},
      {"0b101", Json(5)},
      {"-0b101", Json(-5)},
      {"0b-101", Json(-5)},
      {"0b2", Json("0b2")},
      {"0x", Json("0x")},
      {"0xG", Json("0xG")},
      {"08", Json(8)},
      {"1_000", Json(1000)},
      {"1_0.5", Json(10.5)},
      {"_1", Json("_1")},
      {".5", Json(0.5)},
      {".51_000", Json(0.51)},
      {".5_", Json(".5_")},
      {"._5", Json("._5")},
      {"5.", Json(5)},
      {"+1.5", Json(1.5)},
      {"1e3", Json(1000)},
      {"1.50e2", Json(150)},
      {"1E-2", Json(0.01)},
      {".", Json(".")},
      {".e5", Json(".e5")},
      {"1e", Json("1e")},
      {"1.2.3", Json("1.2.3")},
      {"1e999", Json("1e999")},
      {"-", Json("-")},
      {"+", Json("+")},
      {"12:30:45", Json("12:30:45")},
      {"190:20:30.15", Json("190:20:30.15")},
      {"2024-01-01", Json("2024-01-01")},
      {"2024-01-01T10:00:00Z", Json("2024-01-01T10:00:00Z")},
      {"9007199254740993", Json(9007199254740992.0)},
      {"18446744073709551615", Json(18446744073709551615.0)},
      {"18446744073709551616", Json(18446744073709551616.0)},
      {"-9223372036854775808", Json(-9223372036854775808.0)},
      {"0xFFFFFFFFFFFFFFFF", Json(18446744073709551615.0)},
      {"0x1FFFFFFFFFFFFFFFF", Json("0x1FFFFFFFFFFFFFFFF")},
      {"<<", Json("<<")},
      {"=", Json("=")},
      {"infinity", Json("infinity")},
      {"word", Json("word")},
  };
  for (const Row& row : kRows) {
    EXPECT_THAT(ResolvePlainScalar(row.text), IsOkAndHolds(row.want))
        << row.text;
  }
}

TEST(ResolvePlainScalar, KeepsTheSignOfZeroOnlyForFloats) {
  ASSERT_OK_AND_ASSIGN(const Json real, ResolvePlainScalar("-0.0"));
  EXPECT_TRUE(std::signbit(real.number()));
  ASSERT_OK_AND_ASSIGN(const Json integer, ResolvePlainScalar("-0"));
  EXPECT_FALSE(std::signbit(integer.number()));
}

TEST(ResolvePlainScalar, RefusesWhatJsonCannotHold) {
  for (const char* text : {".inf", "-.Inf", "+.INF", ".nan", ".NaN"}) {
    EXPECT_THAT(ResolvePlainScalar(text), HasReason("YAML_UNSUPPORTED"))
        << text;
  }
}

struct KeyRow {
  const char* text;
  const char* want;
};

TEST(PlainScalarAsKey, WritesKeysAsGoDoes) {
  const KeyRow kRows[] = {
      {"name", "name"},
      {"1", "1"},
      {"0x10", "16"},
      {"-7", "-7"},
      {"-0", "0"},
      {"1.5", "1.5"},
      {"1.50", "1.5"},
      {"1e3", "1000"},
      {"100000.0", "100000"},
      {"1000000.0", "1e+06"},
      {"0.1", "0.1"},
      {"0.00001", "1e-05"},
      {"1e21", "1e+21"},
      {"yes", "true"},
      {"off", "false"},
      {"2024-01-01", "2024-01-01"},
      {"3.14159265358979", "3.1415927"},
  };
  for (const KeyRow& row : kRows) {
    EXPECT_THAT(PlainScalarAsKey(row.text),
                IsOkAndHolds(testing::StrEq(row.want)))
        << row.text;
  }
}

TEST(PlainScalarAsKey, RefusesWhatGoCannotUseAsKey) {
  for (const char* text :
       {"~", "null", ".inf", "9223372036854775808", "1e211"}) {
    EXPECT_THAT(PlainScalarAsKey(text), HasReason("YAML_UNSUPPORTED")) << text;
  }
}

}  // namespace
}  // namespace countersign::client
