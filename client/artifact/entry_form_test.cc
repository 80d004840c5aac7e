#include "client/artifact/entry_form.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::Json;

TEST(EntryForm, TurnsObjectsIntoSortedLists) {
  Json inner{Json::Object{{"b", Json(1)}, {"a", Json()}}};
  Json outer{Json::Object{{"z", inner}, {"B", Json(true)}, {"a", Json("x")}}};
  EXPECT_EQ(EntryForm(outer),
            R"([{"B":true},{"a":"x"},{"z":[{"a":null},{"b":1}]}])");
  EXPECT_EQ(EntryForm(Json(Json::Object())), "[]");
}

TEST(EntryForm, SortsByUtf8NotByUtf16) {
  // U+FB33 is before U+1F600 in UTF-8 and behind it in UTF-16.
  Json object{
      Json::Object{{"\xF0\x9F\x98\x80", Json(1)}, {"\xEF\xAC\xB3", Json(2)}}};
  EXPECT_EQ(EntryForm(object),
            "[{\"\xEF\xAC\xB3\":2},{\"\xF0\x9F\x98\x80\":1}]");
}

TEST(EntryForm, KeepsTheOrderOfLists) {
  EXPECT_EQ(EntryForm(Json(Json::Array{Json(3), Json(1), Json(Json::Array())})),
            "[3,1,[]]");
}

TEST(EntryForm, EscapesAsGoDoes) {
  EXPECT_EQ(EntryForm(Json("<&>\"\\\b\f\n\r\t\x01\x1F\x7F/")),
            "\"\\u003c\\u0026\\u003e\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7F/"
            "\"");
  EXPECT_EQ(EntryForm(Json("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7")),
            "\"\\u2028\\u2029\xE2\x80\xA7\"");
}

TEST(EntryForm, WritesNumbersAsEs6ButKeepsNegativeZero) {
  EXPECT_EQ(EntryForm(Json(-0.0)), "-0");
  EXPECT_EQ(EntryForm(Json(0.0)), "0");
  EXPECT_EQ(EntryForm(Json(1e21)), "1e+21");
  EXPECT_EQ(EntryForm(Json(0.1)), "0.1");
}

}  // namespace
}  // namespace countersign::client
