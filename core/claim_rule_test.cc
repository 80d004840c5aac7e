#include "core/claim_rule.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// --- Patterns

TEST(ClaimPattern, AreAcceptedWhereNothingCanBeFooled) {
  for (const char* pattern :
       {"acme/*", "repo:acme/*:ref:refs/heads/main", "repo:acme/app:*",
        "https://gitlab.example.com/group/*", "a@*", "a:*:*", "/*",
        "refs/tags/*", "spiffe://example.org/ns/*/sa/*",
        "system:serviceaccount:prod:*"}) {
    EXPECT_OK(CheckClaimPattern(pattern)) << pattern;
  }
}

TEST(ClaimPattern, AreRefusedWhereTheyCouldBeFooled) {
  struct Row {
    const char* pattern;
    const char* why;
  };
  const Row rows[] = {
      {"", "octets"},
      {"acme/app", "values"},       // no star: a value
      {"acme*", "whole part"},      // acme-evil
      {"acme*/app", "whole part"},  // acme-evil/app
      {"*acme/app", "whole part"},  // evil-acme/app
      {"repo:acme-*/app", "whole part"},
      {"refs/tags/v*", "whole part"},  // a branch may be called so elsewhere
      {"acme/**", "whole part"},
      {"repo:acme/*x", "whole part"},
      {"*", "first part"},
      {"*/app", "first part"},
      {"*:acme", "first part"},
      {"*@example.com", "first part"},
      {"acme/\xff*", "UTF-8"},
  };
  for (const Row& row : rows) {
    const absl::Status status = CheckClaimPattern(row.pattern);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.pattern;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.why))
        << row.pattern;
  }
  EXPECT_OK(CheckClaimPattern(std::string(1022, 'a') + "/*"));
  EXPECT_FALSE(CheckClaimPattern(std::string(1023, 'a') + "/*").ok());
}

TEST(ClaimPattern, MatchesWholePartsOnly) {
  struct Row {
    const char* pattern;
    const char* value;
    bool match;
  };
  const Row rows[] = {
      {"repo:org/*", "repo:org/x", true},
      {"repo:org/*", "repo:org-evil/x", false},
      {"repo:org/*", "repo:org/", false},
      {"repo:org/*", "repo:org", false},
      {"repo:org/*", "repo:org/x/y", false},
      {"repo:org/*", "repo:org/x:ref", false},
      {"repo:org/*", "repo:org/x@y", false},
      {"repo:org/*", "repo:org/*", true},
      {"repo:org/*", "Repo:org/x", false},
      {"repo:org/*", "repo:ORG/x", false},
      {"repo:org/*", " repo:org/x", false},
      {"repo:org/*", "xrepo:org/x", false},
      {"repo:org/*", "", false},
      {"repo:org/*:ref:refs/heads/main", "repo:org/a:ref:refs/heads/main",
       true},
      {"repo:org/*:ref:refs/heads/main", "repo:org/a:ref:refs/heads/main2",
       false},
      {"repo:org/*:ref:refs/heads/main",
       "repo:org/a:ref:refs/heads/main:ref:refs/heads/main", false},
      // The colon of one is not the slash of the other.
      {"repo:org/*", "repo/org/x", false},
      {"repo:org/*", "repo:org:x", false},
      {"a@*", "a@example.com", true},
      {"a@*", "a@example.com/b", false},
      {"a:*:*", "a:b:c", true},
      {"a:*:*", "a::c", false},
      {"a:*:*", "a:b:", false},
      {"/*", "/x", true},
      {"/*", "x", false},
      {"ns/*/sa", "ns/a/sa", true},
      {"ns/*/sa", "ns/a/b/sa", false},
      {"org/*", "org/\xf0\x9f\x94\x91", true},
      // Cyrillic letters that look alike are other letters.
      {"org/*", "\xd0\xberg/x", false},
      {"org/*", "org\xe2\x88\x95x", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(MatchesClaimPattern(row.pattern, row.value), row.match)
        << row.pattern << " and " << row.value;
  }
  const std::string with_nul("org/x\0y", 7);
  EXPECT_TRUE(MatchesClaimPattern("org/*", with_nul));
  EXPECT_FALSE(MatchesClaimPattern("org/x", with_nul));
}

// --- Rules

TEST(ClaimRuleTest, IsMetByAValueOrAPattern) {
  const ClaimRule rule{"ref", {"refs/heads/main"}, {"refs/tags/*"}};
  EXPECT_TRUE(rule.IsMetBy("refs/heads/main"));
  EXPECT_TRUE(rule.IsMetBy("refs/tags/v1"));
  EXPECT_FALSE(rule.IsMetBy("refs/heads/Main"));
  EXPECT_FALSE(rule.IsMetBy("refs/heads/main "));
  EXPECT_FALSE(rule.IsMetBy("refs/tags/v1/x"));
  EXPECT_FALSE(rule.IsMetBy(""));
  // A star among values stands for itself.
  EXPECT_FALSE(
      (ClaimRule{"ref", {"refs/heads/*"}, {}}).IsMetBy("refs/heads/x"));
}

struct BadRule {
  const char* name;
  ClaimRule rule;
  const char* field;
  const char* why;
};

class BadRuleTest : public testing::TestWithParam<BadRule> {};

TEST_P(BadRuleTest, IsNamedWithItsField) {
  const std::vector<base::FieldViolation> violations =
      CheckClaimRule(GetParam().rule, "rule[2]");
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].field, GetParam().field);
  EXPECT_THAT(violations[0].description, HasSubstr(GetParam().why));
}

std::set<std::string> Many(int n) {
  std::set<std::string> values;
  for (int i = 0; i < n; ++i) values.insert(absl::StrCat("v", i));
  return values;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRuleTest,
    testing::Values(
        BadRule{"NoName", {"", {"a"}, {}}, "rule[2].claim", "name of a claim"},
        BadRule{"LongName",
                {std::string(129, 'c'), {"a"}, {}},
                "rule[2].claim",
                "128"},
        BadRule{"BlankInName", {"re f", {"a"}, {}}, "rule[2].claim", "visible"},
        BadRule{"NameBeyondAscii",
                {"r\xc3\xa9"
                 "f",
                 {"a"},
                 {}},
                "rule[2].claim",
                "ASCII"},
        BadRule{"Nothing", {"ref", {}, {}}, "rule[2].values", "0 entries"},
        BadRule{"TooMany", {"ref", Many(65), {}}, "rule[2].values", "65"},
        BadRule{"TooManyTogether",
                {"ref", Many(64), {"a/*"}},
                "rule[2].values",
                "65"},
        BadRule{"EmptyValue", {"ref", {""}, {}}, "rule[2].values", "0 octets"},
        BadRule{"LongValue",
                {"ref", {std::string(1025, 'v')}, {}},
                "rule[2].values",
                "1025"},
        BadRule{"ValueNotUtf8", {"ref", {"\xff"}, {}}, "rule[2].values", "UTF"},
        BadRule{"ValuesThatDifferInCase",
                {"repository", {"acme/App", "acme/app"}, {}},
                "rule[2].values",
                "case only"},
        BadRule{"PatternsThatDifferInCase",
                {"repository", {}, {"Acme/*", "acme/*"}},
                "rule[2].patterns",
                "case only"},
        BadRule{"BadPattern",
                {"repository", {}, {"acme*"}},
                "rule[2].patterns",
                "whole part"}),
    [](const auto& info) { return info.param.name; });

TEST(ClaimRuleTest, IsFineWithinItsLimits) {
  EXPECT_THAT(CheckClaimRule({"ref", Many(64), {}}, "r"), IsEmpty());
  EXPECT_THAT(CheckClaimRule({std::string(128, 'c'), {"a"}, {}}, "r"),
              IsEmpty());
  EXPECT_THAT(
      CheckClaimRule(
          {"/kubernetes.io/namespace", {std::string(1024, 'v')}, {"x:*"}}, "r"),
      IsEmpty());
}

TEST(ClaimRuleTest, NamesTheFirstThatIsNotMet) {
  const std::vector<ClaimRule> rules = {{"ref_type", {"tag"}, {}},
                                        {"repository", {}, {"acme/*"}}};
  const std::map<std::string, std::string> good = {
      {"ref_type", "tag"}, {"repository", "acme/app"}, {"more", "x"}};
  EXPECT_EQ(FirstUnmet(rules, good), nullptr);
  EXPECT_EQ(FirstUnmet({}, {}), nullptr);
  EXPECT_EQ(FirstUnmet(rules, {}), &rules[0]);
  auto bad = good;
  bad["ref_type"] = "branch";
  EXPECT_EQ(FirstUnmet(rules, bad), &rules[0]);
  bad = good;
  bad.erase("repository");
  EXPECT_EQ(FirstUnmet(rules, bad), &rules[1]);
}

TEST(ClaimRuleTest, IsDescribedForPeopleAndForTheRecord) {
  const ClaimRule rule{"ref", {"a", "b"}, {"refs/tags/*"}};
  EXPECT_EQ(DescribeClaimRule(rule),
            R"(ref is "a" or "b" or like "refs/tags/*")");
  EXPECT_EQ(
      base::CompactJson(ClaimRulesJson({rule})),
      R"([{"claim":"ref","patterns":["refs/tags/*"],"values":["a","b"]}])");
}

TEST(FirstUnmet, AsksOneElementOfAClaimThatIsAList) {
  const std::vector<ClaimRule> rules = {{"roles", {"Sign.Release"}, {}}};
  for (const char* met :
       {"Sign.Release", R"(["Sign.Release"])", R"(["Read","Sign.Release"])"}) {
    EXPECT_EQ(FirstUnmet(rules, {{"roles", met}}), nullptr) << met;
  }
  for (const char* unmet :
       {"", "[]", R"(["Sign.Released"])", R"([["Sign.Release"]])", R"(["Read")",
        R"({"Sign.Release":1})"}) {
    EXPECT_EQ(FirstUnmet(rules, {{"roles", unmet}}), &rules[0]) << unmet;
  }
}

}  // namespace
}  // namespace countersign::core
