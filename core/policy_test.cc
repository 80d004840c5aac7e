#include "core/policy.h"

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

TEST(PolicyTest, TellsWhetherSetsShareAnElement) {
  EXPECT_FALSE(Intersects({}, {}));
  EXPECT_FALSE(Intersects({"a"}, {}));
  EXPECT_FALSE(Intersects({}, {"a"}));
  EXPECT_FALSE(Intersects({"a"}, {"b", "A", "aa"}));
  EXPECT_TRUE(Intersects({"a", "b"}, {"b", "c"}));
}

}  // namespace
}  // namespace countersign::core
