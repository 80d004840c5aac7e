#include "base/json.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

TEST(JsonTest, KnowsItsKind) {
  EXPECT_TRUE(Json().is_null());
  EXPECT_TRUE(Json(nullptr).is_null());
  EXPECT_TRUE(Json(true).is_bool());
  EXPECT_TRUE(Json(1).is_number());
  EXPECT_TRUE(Json(int64_t{1}).is_number());
  EXPECT_TRUE(Json(uint64_t{1}).is_number());
  EXPECT_TRUE(Json(1.5).is_number());
  EXPECT_TRUE(Json("text").is_string());
  EXPECT_TRUE(Json(std::string("text")).is_string());
  EXPECT_TRUE(Json(absl::string_view("text")).is_string());
  EXPECT_TRUE(Json(Json::Array{1, "a"}).is_array());
  EXPECT_TRUE(Json(Json::Object{{"a", 1}}).is_object());
}

TEST(JsonTest, FindsMembers) {
  Json object = Json::Object{{"a", 1}, {"b", Json()}};
  ASSERT_NE(object.Find("a"), nullptr);
  EXPECT_EQ(*object.Find("a"), Json(1));
  ASSERT_NE(object.Find("b"), nullptr);
  EXPECT_TRUE(object.Find("b")->is_null());
  EXPECT_EQ(object.Find("c"), nullptr);
  EXPECT_EQ(object.Find(""), nullptr);
  EXPECT_EQ(Json("a").Find("a"), nullptr);
  EXPECT_EQ(Json(Json::Array{"a"}).Find("a"), nullptr);
  *object.Find("a") = Json("changed");
  EXPECT_EQ(object.Find("a")->string(), "changed");
}

TEST(JsonTest, SetReplacesInPlaceOrAppends) {
  Json object = Json::Object{{"a", 1}, {"b", 2}};
  object.Set("a", "x");
  object.Set("c", 3);
  EXPECT_EQ(object, Json(Json::Object{{"a", "x"}, {"b", 2}, {"c", 3}}));
}

TEST(JsonTest, EraseRemovesOneAndIgnoresOthers) {
  Json object = Json::Object{{"a", 1}, {"b", 2}};
  object.Erase("a");
  object.Erase("none");
  EXPECT_EQ(object, Json(Json::Object{{"b", 2}}));
}

TEST(JsonTest, EqualityCountsKindValueAndOrder) {
  EXPECT_NE(Json(0), Json(false));
  EXPECT_NE(Json(), Json(0));
  EXPECT_NE(Json("1"), Json(1));
  EXPECT_EQ(Json(Json::Array{1, 2}), Json(Json::Array{1, 2}));
  EXPECT_NE(Json(Json::Array{1, 2}), Json(Json::Array{2, 1}));
  EXPECT_NE(Json(Json::Object{{"a", 1}, {"b", 2}}),
            Json(Json::Object{{"b", 2}, {"a", 1}}));
}

}  // namespace
}  // namespace countersign::base
