#include "auth/group_rules.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasCode;
using base::HasReason;
using testing::ElementsAre;
using testing::IsEmpty;

GroupRules Example() {
  absl::StatusOr<GroupRules> rules = GroupRules::Compile({
      {"ci", {}, {"spiffe://d/ci/*"}, ""},
      {"ci", {"spiffe://d/legacy"}, {}, ""},
      {"approvers", {"email:ann@d.org", "email:Bob@d.org"}, {}, ""},
      {"staff", {}, {"email:*@d.org"}, "CN=People CA"},
      {"auditors", {"subject:CN=Eve,O=Acme"}, {}, "CN=People CA"},
  });
  EXPECT_OK(rules);
  return *std::move(rules);
}

TEST(GroupRules, GivesEveryGroupWhoseRulesMatch) {
  const GroupRules rules = Example();
  EXPECT_THAT(rules.Evaluate("spiffe://d/ci/x", "CN=A"), ElementsAre("ci"));
  EXPECT_THAT(rules.Evaluate("spiffe://d/legacy", "CN=A"), ElementsAre("ci"));
  EXPECT_THAT(rules.Evaluate("email:ann@d.org", "CN=People CA"),
              ElementsAre("approvers", "staff"));
  EXPECT_THAT(rules.Evaluate("email:bob@d.org", "CN=A"),
              ElementsAre("approvers"));
  EXPECT_THAT(rules.Evaluate("email:mallory@e.org", "CN=A"), IsEmpty());
}

TEST(GroupRules, AsksForTheIssuerWhereTheRuleNamesOne) {
  const GroupRules rules = Example();
  EXPECT_THAT(rules.Evaluate("subject:CN=Eve,O=Acme", "CN=People CA"),
              ElementsAre("auditors"));
  EXPECT_THAT(rules.Evaluate("subject:CN=Eve,O=Acme", "CN=Other CA"),
              IsEmpty());
  EXPECT_THAT(rules.Evaluate("email:cid@d.org", "CN=Other CA"), IsEmpty());
}

TEST(GroupRules, NamesItsGroups) {
  EXPECT_THAT(Example().groups(),
              ElementsAre("approvers", "auditors", "ci", "staff"));
}

TEST(GroupRules, WithoutRulesNobodyIsInAGroup) {
  EXPECT_THAT(GroupRules().Evaluate("spiffe://d/x", ""), IsEmpty());
  EXPECT_THAT(GroupRules().groups(), IsEmpty());
}

TEST(GroupRules, ReportsAllMistakesAtOnce) {
  const absl::Status status =
      GroupRules::Compile(
          {
              {"", {"spiffe://d/x"}, {}, ""},
              {"a b", {"d/x"}, {"*"}, ""},
              {"nobody", {}, {}, ""},
              {"exact",
               {"email:*@d.org", "email:ann", "spiffe://d", "subject:Ann",
                "subject:CN=A\n"},
               {},
               ""},
              {std::string(64, 'g'), {"spiffe://d/x"}, {"spiffe://d/*"}, ""},
          })
          .status();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, HasReason("BAD_GROUP_RULES"));
  const auto details = base::GetErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  std::vector<std::string> fields;
  for (const base::FieldViolation& v : details->field_violations) {
    EXPECT_FALSE(v.description.empty());
    fields.push_back(v.field);
  }
  EXPECT_THAT(
      fields,
      ElementsAre("group_rules[0].group", "group_rules[1].group",
                  "group_rules[1].subjects[0]",
                  "group_rules[1].subject_patterns[0]", "group_rules[2]",
                  "group_rules[3].subjects[0]", "group_rules[3].subjects[1]",
                  "group_rules[3].subjects[2]", "group_rules[3].subjects[3]",
                  "group_rules[3].subjects[4]", "group_rules[4].group"));
}

TEST(IsValidGroupName, KnowsItsAlphabet) {
  EXPECT_TRUE(IsValidGroupName("A.b_c-9"));
  EXPECT_TRUE(IsValidGroupName(std::string(63, 'g')));
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a/b"),
        std::string("\u00e4"), std::string("a\0", 2), std::string(64, 'g')}) {
    EXPECT_FALSE(IsValidGroupName(name)) << name;
  }
}

}  // namespace
}  // namespace countersign::auth
