#include "client/cli/json_object.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::FieldViolation;
using testing::ElementsAre;
using testing::IsEmpty;

base::Json Sample() {
  return base::Json::Object{{"text", "t"},
                            {"flag", true},
                            {"count", 3},
                            {"list", base::Json::Array{"a", "b"}},
                            {"none", nullptr}};
}

const std::vector<std::string> kKnown = {"text", "flag", "count",
                                         "list", "none", "absent"};

TEST(JsonObject, ReadsEachKind) {
  Violations violations;
  const base::Json json = Sample();
  JsonObject object(json, "x", kKnown, violations);
  EXPECT_EQ(object.Text("text"), "t");
  EXPECT_TRUE(object.Bool("flag", false));
  EXPECT_EQ(object.Count("count"), 3);
  EXPECT_THAT(object.Texts("list"), ElementsAre("a", "b"));
  EXPECT_THAT(violations, IsEmpty());
}

TEST(JsonObject, TakesNullForAbsent) {
  Violations violations;
  const base::Json json = Sample();
  JsonObject object(json, "x", kKnown, violations);
  for (const char* field : {"none", "absent"}) {
    EXPECT_EQ(object.Find(field), nullptr);
    EXPECT_EQ(object.Text(field), "");
    EXPECT_TRUE(object.Bool(field, true));
    EXPECT_EQ(object.Count(field), 0);
    EXPECT_THAT(object.Array(field), IsEmpty());
  }
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_EQ(object.NeededText("none"), "");
  EXPECT_THAT(violations,
              ElementsAre(FieldViolation{"x.none", "must be given"}));
}

TEST(JsonObject, GathersWrongKinds) {
  Violations violations;
  const base::Json json = Sample();
  JsonObject object(json, "x", kKnown, violations);
  object.Text("flag");
  object.Bool("text", false);
  object.Count("text");
  object.Texts("text");
  EXPECT_EQ(violations.size(), 4u);
  for (const FieldViolation& violation : violations) {
    EXPECT_THAT(violation.description, testing::HasSubstr("expected"));
  }
}

TEST(JsonObject, RefusesCountsOutOfRange) {
  for (const double count : {-1.0, 1.5, 1001.0, 1e300}) {
    Violations violations;
    const base::Json json = base::Json::Object{{"count", count}};
    JsonObject(json, "", kKnown, violations).Count("count");
    EXPECT_EQ(violations.size(), 1u) << count;
  }
}

TEST(JsonObject, RefusesWhatIsNoObject) {
  Violations violations;
  const base::Json json = base::Json::Array{};
  JsonObject object(json, "x[0]", kKnown, violations);
  EXPECT_THAT(violations,
              ElementsAre(FieldViolation{"x[0]", "an object { } is expected"}));
}

TEST(NearestName, FindsTyposAndOtherCase) {
  const std::vector<std::string> known = {"name", "allowedGroups", "enabled"};
  EXPECT_EQ(NearestName("nmae", known), "");  // two of four: too far
  EXPECT_EQ(NearestName("nam", known), "name");
  EXPECT_EQ(NearestName("NAME", known), "name");
  EXPECT_EQ(NearestName("alowedGroup", known), "allowedGroups");
  EXPECT_EQ(NearestName("allowed_groups", known), "allowedGroups");
  EXPECT_EQ(NearestName("enable", known), "enabled");
  EXPECT_EQ(NearestName("zzz", known), "");
  EXPECT_EQ(NearestName(std::string(1000, 'n'), known), "");
}

}  // namespace
}  // namespace countersign::client
