#include "client/sigstore/go_json.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::Json;

TEST(GoJson, EscapesWhatGoEscapes) {
  EXPECT_EQ(GoJson(Json::Object{{"<a>", "b&c"}}),
            "{\"\\u003ca\\u003e\":\"b\\u0026c\"}");
  EXPECT_EQ(GoJson(Json("\xe2\x80\xa8\xe2\x80\xa9")), "\"\\u2028\\u2029\"");
}

TEST(GoJson, LeavesOtherTextAlone) {
  EXPECT_EQ(GoJson(Json("\xc3\xbc/\x7f'")), "\"\xc3\xbc/\x7f'\"");
  EXPECT_EQ(GoJson(Json("a\"b\\c\nd\te\x01")),
            "\"a\\\"b\\\\c\\nd\\te\\u0001\"");
}

TEST(GoJson, KeepsTheOrderOfMembersAndWritesNoBlank) {
  EXPECT_EQ(GoJson(Json::Object{{"b", 1}, {"a", Json::Array{Json(), true}}}),
            "{\"b\":1,\"a\":[null,true]}");
}

}  // namespace
}  // namespace countersign::client
