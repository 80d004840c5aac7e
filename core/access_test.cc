#include "core/access.h"

#include <string>

#include "absl/status/status.h"
#include "base/status_matchers.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"
#include "core/sample_values.h"
#include "core/signing_request.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

struct Row {
  std::string name;
  Principal caller;
  bool known;
  bool sees_product;
  bool sees_request;
  bool administrates;
  bool approves_products;
  bool audits;
};

class AccessTest : public testing::TestWithParam<Row> {};

absl::StatusCode Wanted(bool may) {
  return may ? absl::StatusCode::kOk : absl::StatusCode::kPermissionDenied;
}

TEST_P(AccessTest, SeesAndDoesWhatItsGroupsMay) {
  const Row& row = GetParam();
  const Policy policy = SamplePolicy();
  EXPECT_EQ(IsKnown(row.caller, policy), row.known);
  EXPECT_EQ(MaySeeProduct(SampleProduct(), row.caller, policy),
            row.sees_product);
  EXPECT_EQ(MaySeeRequest(SampleRequest(), row.caller, policy),
            row.sees_request);
  EXPECT_THAT(CheckAdministrator(row.caller, policy, "create products", "r"),
              base::HasCode(Wanted(row.administrates)));
  EXPECT_THAT(CheckProductApprover(row.caller, policy, "approve", "r"),
              base::HasCode(Wanted(row.approves_products)));
  EXPECT_THAT(CheckAuditor(row.caller, policy, "read the log"),
              base::HasCode(Wanted(row.audits)));
}

// known, product, request, administrates, approves products, audits
INSTANTIATE_TEST_SUITE_P(
    All, AccessTest,
    testing::Values(Row{"Nobody", Person("n", {}), false, false, false, false,
                        false, false},
                    Row{"UnknownGroup", Person("n", {"ghosts"}), false, false,
                        false, false, false, false},
                    Row{"Administrator", Person("n", {"admins"}), true, true,
                        true, true, false, false},
                    Row{"ProductApprover", Person("n", {"product-approvers"}),
                        true, true, false, false, true, false},
                    Row{"Auditor", Person("n", {"auditors"}), true, true, true,
                        false, false, true},
                    Row{"Allowed", Person("n", {"ci"}), true, true, true, false,
                        false, false},
                    Row{"Blanket", Person("n", {"release"}), true, true, true,
                        false, false, false},
                    Row{"Approver", Person("n", {"release-approvers"}), true,
                        true, true, false, false, false},
                    // Its groups were taken away since it asked.
                    Row{"Requester", Person("pipeline", {}), false, false, true,
                        false, false, false}),
    [](const testing::TestParamInfo<Row>& i) { return i.param.name; });

TEST(AccessRulesTest, KnowsRolesThatNoRuleNames) {
  Policy policy;
  policy.auditor_groups = {"auditors"};
  EXPECT_TRUE(IsKnown(Person("n", {"auditors"}), policy));
}

TEST(AccessRulesTest, HidesARequestFromTheSameNameOfAnotherIssuer) {
  Principal other = SampleRequest().requester;
  other.groups.clear();
  EXPECT_TRUE(MaySeeRequest(SampleRequest(), other, SamplePolicy()));
  other.issuer = "CN=Other CA";
  EXPECT_FALSE(MaySeeRequest(SampleRequest(), other, SamplePolicy()));
}

TEST(AccessRulesTest, SeesAProductByAnyOfItsOperations) {
  Product product = SampleProduct();
  product.operations[0].rule = {};
  EXPECT_TRUE(MaySeeProduct(product, Person("n", {"ci"}), SamplePolicy()));
  product.operations[1].rule = {};
  EXPECT_FALSE(MaySeeProduct(product, Person("n", {"ci"}), SamplePolicy()));
}

TEST(AccessRulesTest, SaysWhatWasDeniedAndNotWhoMay) {
  const absl::Status status = CheckAdministrator(
      Person("n", {"ci"}), SamplePolicy(), "create products", "products/a");
  EXPECT_THAT(status, base::HasReason("PERMISSION_DENIED"));
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("may not create products"),
                             testing::HasSubstr("products/a"),
                             testing::Not(testing::HasSubstr("admins"))));
}

}  // namespace
}  // namespace countersign::core
