#include "core/policy.h"

#include <string>

#include "core/issuing_ca.h"
#include "core/principal.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

TEST(PolicyTest, TellsRolesByGroup) {
  Policy policy;
  policy.administrator_groups = {"admins", "root"};
  policy.product_approver_groups = {"approvers"};
  policy.auditor_groups = {"auditors"};
  Principal p;
  EXPECT_FALSE(policy.IsAdministrator(p) || policy.IsProductApprover(p) ||
               policy.IsAuditor(p));
  p.groups = {"x", "root"};
  EXPECT_TRUE(policy.IsAdministrator(p));
  EXPECT_FALSE(policy.IsProductApprover(p) || policy.IsAuditor(p));
  p.groups = {"approvers", "auditors"};
  EXPECT_FALSE(policy.IsAdministrator(p));
  EXPECT_TRUE(policy.IsProductApprover(p) && policy.IsAuditor(p));
}

Principal Identity(const std::string& subject, const std::string& issuer,
                   const std::string& person = "") {
  Principal p;
  p.subject = subject;
  p.issuer = issuer;
  p.person = person;
  return p;
}

TEST(PolicyTest, TellsPeopleFromIdentities) {
  Policy policy;
  policy.people = {{{"email:ann@x", "CN=CA"}, "ann"},
                   {{"token:ann", "https://idp"}, "ann"},
                   {{"token:bob", "https://idp"}, "bob"}};
  const Principal card = Identity("email:ann@x", "CN=CA");
  const Principal login = Identity("token:ann", "https://idp");
  struct Row {
    const char* name;
    Principal a, b;
    bool same;
  };
  const Row rows[] = {
      {"one identity", card, card, true},
      {"two of one by the configuration", card, login, true},
      {"another person", card, Identity("token:bob", "https://idp"), false},
      {"another issuer's ann", card, Identity("token:ann", "https://evil"),
       false},
      {"nobody in particular, twice", Identity("a", "x"), Identity("b", "x"),
       false},
      {"recorded, though no longer configured",
       Identity("old", "CN=CA", "carla"), Identity("new", "CN=CA", "carla"),
       true},
      {"recorded with one, configured for the other",
       Identity("old", "CN=CA", "ann"), login, true},
      {"recorded as another than configured",
       Identity("token:bob", "https://idp", "ann"), login, true},
      {"renamed meanwhile: both names count",
       Identity("token:bob", "https://idp", "ann"), Identity("x", "y", "bob"),
       true},
      {"no two empty persons", Identity("a", "x", ""), Identity("b", "x", ""),
       false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(policy.SamePerson(row.a, row.b), row.same) << row.name;
    EXPECT_EQ(policy.SamePerson(row.b, row.a), row.same) << row.name;
  }
}

TEST(PolicyTest, FindsAProfileByItsIdOrTheFirst) {
  Policy policy;
  EXPECT_EQ(policy.FindProfile("").second, nullptr);
  EXPECT_EQ(policy.FindIssuingCa("one"), nullptr);
  IssuingCa one;
  one.name = "one";
  one.profiles.resize(2);
  one.profiles[0].id = "a";
  one.profiles[1].id = "b";
  IssuingCa two;
  two.name = "two";
  two.profiles.resize(1);
  two.profiles[0].id = "c";
  policy.issuing_cas = {one, two};
  const auto name = [&](const std::string& id) {
    const auto found = policy.FindProfile(id);
    return found.first == nullptr ? "none"
                                  : found.first->name + " " + found.second->id;
  };
  EXPECT_EQ(name(""), "one a");
  EXPECT_EQ(name("b"), "one b");
  EXPECT_EQ(name("c"), "two c");
  EXPECT_EQ(name("d"), "none");
  EXPECT_EQ(name("C"), "none");
  EXPECT_EQ(policy.FindIssuingCa("two"), &policy.issuing_cas[1]);
  EXPECT_EQ(policy.FindIssuingCa("a"), nullptr);
}

TEST(PolicyTest, TellsWhetherSetsShareAnElement) {
  EXPECT_FALSE(Intersects({}, {}));
  EXPECT_FALSE(Intersects({"a"}, {}));
  EXPECT_FALSE(Intersects({}, {"a"}));
  EXPECT_FALSE(Intersects({"a"}, {"b", "A", "aa"}));
  EXPECT_TRUE(Intersects({"a", "b"}, {"b", "c"}));
}

}  // namespace
}  // namespace countersign::core
