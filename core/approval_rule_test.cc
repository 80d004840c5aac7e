#include "core/approval_rule.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

// SamplePolicy, with what its tokens prove.
Policy ClaimPolicy() {
  Policy policy = SamplePolicy();
  policy.known_claims = {"ref", "repository"};
  return policy;
}

TEST(ApprovalRuleTest, TellsWhoMayAskAndWhoMustAgree) {
  struct Row {
    std::string name;
    Principal person;
    bool may_ask;
    bool needs_no_approval;
    bool may_approve;
  };
  const Row rows[] = {
      {"allowed", Person("p", {"ci"}), true, false, false},
      {"blanket", Person("p", {"release"}), true, true, false},
      {"approver", Person("p", {"release-approvers"}), false, false, true},
      {"both", Person("p", {"ci", "release-approvers"}), true, false, true},
      {"stranger", Person("p", {"admins"}), false, false, false},
      {"nobody", Person("p", {}), false, false, false},
  };
  const ApprovalRule rule = SampleRule();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(rule.MayAsk(row.person), row.may_ask);
    EXPECT_EQ(rule.NeedsNoApproval(row.person), row.needs_no_approval);
    EXPECT_EQ(rule.MayApprove(row.person), row.may_approve);
  }
}

TEST(ApprovalRuleTest, NeedsNobodyWhereNoGroupApproves) {
  ApprovalRule rule = SampleRule();
  rule.approval_groups.clear();
  rule.required_approvals = 0;
  EXPECT_TRUE(rule.NeedsNoApproval(Person("p", {"ci"})));
  // Asks for approvals that nobody can give: never met.
  rule.required_approvals = 1;
  EXPECT_FALSE(rule.NeedsNoApproval(Person("p", {"ci"})));
}

TEST(ApprovalRuleTest, AcceptsAGoodRule) {
  EXPECT_THAT(CheckRule(SampleRule(), SamplePolicy(), "r"), testing::IsEmpty());
}

struct BadRule {
  std::string name;
  std::function<void(ApprovalRule&)> spoil;
  std::string field;
  std::string text;
};

class BadRuleTest : public testing::TestWithParam<BadRule> {};

TEST_P(BadRuleTest, IsRefusedWithItsField) {
  ApprovalRule rule = SampleRule();
  GetParam().spoil(rule);
  const std::vector<base::FieldViolation> violations =
      CheckRule(rule, ClaimPolicy(), "product.operations[0].approval_rule");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field,
            "product.operations[0].approval_rule." + GetParam().field);
  EXPECT_THAT(violations[0].description, testing::HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRuleTest,
    testing::Values(
        BadRule{"UnknownAllowed",
                [](ApprovalRule& r) { r.allowed_groups.insert("ghosts"); },
                "allowed_groups", "\"ghosts\""},
        BadRule{"UnknownApproval",
                [](ApprovalRule& r) { r.approval_groups.insert("CI"); },
                "approval_groups", "release-approvers"},
        BadRule{"UnknownBlanket",
                [](ApprovalRule& r) { r.blanket_groups.insert(""); },
                "blanket_groups", "\"\""},
        BadRule{"NobodyMayAsk",
                [](ApprovalRule& r) {
                  r.allowed_groups.clear();
                  r.blanket_groups.clear();
                },
                "allowed_groups", "nobody may ask"},
        BadRule{"NoApproval", [](ApprovalRule& r) { r.required_approvals = 0; },
                "required_approvals", "1 to 16"},
        BadRule{"NegativeApprovals",
                [](ApprovalRule& r) { r.required_approvals = -1; },
                "required_approvals", "is -1"},
        BadRule{"TooManyApprovals",
                [](ApprovalRule& r) { r.required_approvals = 17; },
                "required_approvals", "is 17"},
        BadRule{"ApprovalsByNobody",
                [](ApprovalRule& r) { r.approval_groups.clear(); },
                "required_approvals", "approval_groups is empty"},
        BadRule{"NoExpiry", [](ApprovalRule& r) { r.request_expiry = {}; },
                "request_expiry", "is 0"},
        BadRule{"NegativeExpiry",
                [](ApprovalRule& r) { r.request_expiry = absl::Hours(-1); },
                "request_expiry", "-1h"},
        BadRule{"ExpiryPastTheMaximum",
                [](ApprovalRule& r) {
                  r.request_expiry = absl::Hours(24 * 90) + absl::Seconds(1);
                },
                "request_expiry", "to 2160h"},
        BadRule{"InfiniteExpiry",
                [](ApprovalRule& r) {
                  r.request_expiry = absl::InfiniteDuration();
                },
                "request_expiry", "inf"},
        BadRule{"LongName",
                [](ApprovalRule& r) { r.display_name.assign(257, 'x'); },
                "display_name", "257 octets"},
        BadRule{"NameNotUtf8", [](ApprovalRule& r) { r.display_name = "\xff"; },
                "display_name", "UTF-8"},
        BadRule{"LongDescription",
                [](ApprovalRule& r) { r.description.assign(4097, 'x'); },
                "description", "at most 4096"},
        BadRule{"TooManyClaims",
                [](ApprovalRule& r) {
                  r.required_claims.assign(17, {"ref", {"main"}, {}});
                },
                "required_claims", "17 claims"},
        BadRule{"ClaimThatNobodyRecords",
                [](ApprovalRule& r) {
                  r.required_claims = {{"ref", {"main"}, {}},
                                       {"Ref", {"main"}, {}}};
                },
                "required_claims[1].claim", "records ref, repository"},
        BadRule{"ClaimPatternThatCanBeFooled",
                [](ApprovalRule& r) {
                  r.required_claims = {{"repository", {}, {"acme*"}}};
                },
                "required_claims[0].patterns", "whole part"},
        BadRule{"DescriptionNotUtf8",
                [](ApprovalRule& r) { r.description = "\xc3"; }, "description",
                "UTF-8"}),
    [](const testing::TestParamInfo<BadRule>& i) { return i.param.name; });

TEST(ApprovalRuleTest, AcceptsClaimsThatAreRecorded) {
  ApprovalRule rule = SampleRule();
  rule.required_claims = {{"ref", {"refs/heads/main"}, {"refs/tags/*"}},
                          {"repository", {"acme/app"}, {}}};
  EXPECT_THAT(CheckRule(rule, ClaimPolicy(), "r"), testing::IsEmpty());
  const auto without = CheckRule(rule, SamplePolicy(), "r");
  ASSERT_EQ(without.size(), 2u);
  EXPECT_THAT(without[0].description, testing::HasSubstr("records none"));
}

TEST(ApprovalRuleTest, DemandsWhatTheTokenMustHaveProved) {
  ApprovalRule rule = SampleRule();
  Principal token = Person("job", {"ci"});
  EXPECT_OK(rule.CheckClaims(token, "products/p/operations/o"));
  rule.required_claims = {{"ref_type", {"tag"}, {}},
                          {"repository", {}, {"acme/*"}}};
  token.claims = {{"ref_type", "tag"}, {"repository", "acme/app"}};
  EXPECT_OK(rule.CheckClaims(token, "products/p/operations/o"));
  token.claims["ref_type"] = "branch";
  const absl::Status wrong = rule.CheckClaims(token, "products/p/operations/o");
  EXPECT_THAT(wrong, base::HasReason("CLAIM_REQUIRED"));
  EXPECT_THAT(wrong, base::HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(std::string(wrong.message()),
              testing::AllOf(testing::HasSubstr("ref_type is \"tag\""),
                             testing::HasSubstr("branch")));
  // A certificate has proved nothing of that kind, whatever its groups.
  for (const Principal& certificate :
       {Person("p", {"ci"}), Person("p", {"release"})}) {
    EXPECT_THAT(rule.CheckClaims(certificate, "products/p/operations/o"),
                base::HasReason("CLAIM_REQUIRED"));
  }
}

TEST(ApprovalRuleTest, ReportsAllThatIsWrongAtOnce) {
  ApprovalRule rule;
  rule.approval_groups = {"ghosts", "spirits"};
  rule.request_expiry = absl::ZeroDuration();
  EXPECT_EQ(CheckRule(rule, SamplePolicy(), "r").size(), 5u);
}

TEST(ApprovalRuleTest, HashesTheRuleAsAnAuditorReadsIt) {
  ApprovalRule bare;
  ApprovalRule fraction = SampleRule();
  fraction.request_expiry = absl::Milliseconds(1500);
  ApprovalRule claims = SampleRule();
  claims.required_claims = {{"ref", {"b", "a\""}, {"x/*", "a/*"}},
                            {"repository", {"acme/app"}, {}}};
  for (const ApprovalRule& rule : {SampleRule(), bare, fraction, claims}) {
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         base::CanonicalJson(RuleJson(rule)));
    EXPECT_EQ(RuleDigest(rule), base::Sha256Hex(text)) << text;
  }
  EXPECT_EQ(RuleJson(fraction).Find("requestExpiry")->string(), "1.500000000s");
  EXPECT_EQ(RuleJson(bare).Find("requestExpiry")->string(), "604800s");
}

TEST(ApprovalRuleTest, ChangesDigestAndEqualityWithEachField) {
  const std::vector<std::function<void(ApprovalRule&)>> changes = {
      [](ApprovalRule& r) { r.display_name += "x"; },
      [](ApprovalRule& r) { r.description += "x"; },
      [](ApprovalRule& r) { r.allowed_groups.insert("x"); },
      [](ApprovalRule& r) { r.approval_groups.insert("x"); },
      [](ApprovalRule& r) { r.blanket_groups.insert("x"); },
      [](ApprovalRule& r) { ++r.required_approvals; },
      [](ApprovalRule& r) { r.request_expiry += absl::Nanoseconds(1); },
      [](ApprovalRule& r) {
        r.required_claims = {{"c", {"v"}, {}}};
      },
      [](ApprovalRule& r) {
        r.required_claims = {{"d", {"v"}, {}}};
      },
      [](ApprovalRule& r) {
        r.required_claims = {{"c", {"w"}, {}}};
      },
      [](ApprovalRule& r) {
        r.required_claims = {{"c", {}, {"v"}}};
      },
      [](ApprovalRule& r) {
        r.required_claims = {{"c", {}, {}}};
      },
  };
  std::set<std::string> digests = {RuleDigest(SampleRule())};
  for (const auto& change : changes) {
    ApprovalRule rule = SampleRule();
    EXPECT_TRUE(rule == SampleRule());
    change(rule);
    EXPECT_FALSE(rule == SampleRule());
    digests.insert(RuleDigest(rule));
  }
  EXPECT_EQ(digests.size(), changes.size() + 1);
}

// Computed by the release before rules could demand claims: what is pinned in
// requests and stands in leaves must not change.
TEST(ApprovalRuleTest, KeepsTheDigestsOfRulesFromBefore) {
  EXPECT_EQ(RuleDigest(SampleRule()),
            "1709492db4a5e2ae99047fd149b86ae15e314ab6d72be79133c8b1c30ff68399");
}

}  // namespace
}  // namespace countersign::core
