#include "client/cli/json_lines.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using Lines = std::map<std::string, int>;

TEST(JsonLines, FindsEachValue) {
  EXPECT_EQ(JsonLines("{\n \"a\": 1,\n \"b\": [\n  true,\n  {\"c\": \"x\"}\n "
                      "],\n\n \"d\": {}, \"e\": null\n}"),
            (Lines{{"", 1},
                   {"a", 2},
                   {"b", 3},
                   {"b[0]", 4},
                   {"b[1]", 5},
                   {"b[1].c", 5},
                   {"d", 8},
                   {"e", 8}}));
}

TEST(JsonLines, IsNotLedAstrayByStrings) {
  EXPECT_EQ(JsonLines("{\"a\\\"}\": \"],\\n\\\\\",\n\"\\u0062\": 2}"),
            (Lines{{"", 1}, {"a\"}", 1}, {"b", 2}}));
}

TEST(JsonLines, EndsOnTextThatIsNoJson) {
  for (const char* text : {"", "{", "[", "{\"a\"", "{\"a\":", "[1,,2]", "\"",
                           "{]", "[}", "\"\\", "{\"a\":1 2}"}) {
    EXPECT_GE(JsonLines(text).size(), 1u) << text;
  }
}

}  // namespace
}  // namespace countersign::client
