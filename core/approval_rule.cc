#include "core/approval_rule.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "core/canonical_text.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

constexpr int kMaxRequiredApprovals = 16;
constexpr size_t kMaxDisplayName = 256;  // octets
constexpr size_t kMaxDescription = 4096;
constexpr size_t kMaxRequiredClaims = 16;
constexpr absl::Duration kMinExpiry = absl::Seconds(1);

// As proto3 writes a Duration in JSON: "604800s", "0.500000000s".
std::string DurationText(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  const int64_t nanos =
      absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds));
  if (nanos == 0) return absl::StrCat(seconds, "s");
  return absl::StrFormat("%d.%09ds", seconds, nanos);
}

base::Json GroupsJson(const std::set<std::string>& groups) {
  base::Json::Array array;
  for (const std::string& group : groups) array.emplace_back(group);
  return array;
}

void CheckGroups(const std::set<std::string>& groups, const Policy& policy,
                 const std::string& field,
                 std::vector<base::FieldViolation>& violations) {
  for (const std::string& group : groups) {
    if (policy.known_groups.count(group) != 0) continue;
    violations.push_back(
        {field, absl::StrCat("group \"", base::EscapeForDisplay(group),
                             "\" is not in the server's configuration; "
                             "it knows ",
                             absl::StrJoin(policy.known_groups, ", "))});
  }
}

void CheckText(const std::string& text, size_t max, const std::string& field,
               std::vector<base::FieldViolation>& violations) {
  if (text.size() > max) {
    violations.push_back(
        {field, absl::StrCat("has ", text.size(), " octets; at most ", max,
                             " are possible")});
  }
  if (!base::IsValidUtf8(text)) {
    violations.push_back({field, "is not UTF-8; only UTF-8 is accepted"});
  }
}

void CheckRequiredApprovals(const ApprovalRule& rule, const std::string& field,
                            std::vector<base::FieldViolation>& violations) {
  const int required = rule.required_approvals;
  if (rule.approval_groups.empty()) {
    if (required == 0) return;
    violations.push_back(
        {field, absl::StrCat("is ", required,
                             " but approval_groups is empty; name a group "
                             "that approves, or leave it 0")});
  } else if (required < 1 || required > kMaxRequiredApprovals) {
    violations.push_back(
        {field, absl::StrCat("is ", required, "; 1 to ", kMaxRequiredApprovals,
                             " are possible")});
  }
}

void CheckRequiredClaims(const ApprovalRule& rule, const Policy& policy,
                         const std::string& field,
                         std::vector<base::FieldViolation>& violations) {
  if (rule.required_claims.size() > kMaxRequiredClaims) {
    violations.push_back(
        {field,
         absl::StrCat("has ", rule.required_claims.size(), " claims; at most ",
                      kMaxRequiredClaims, " are possible")});
  }
  for (size_t i = 0; i < rule.required_claims.size(); ++i) {
    const ClaimRule& claim = rule.required_claims[i];
    const std::string path = absl::StrCat(field, "[", i, "]");
    for (base::FieldViolation& violation : CheckClaimRule(claim, path)) {
      violations.push_back(std::move(violation));
    }
    if (policy.known_claims.count(claim.claim) != 0) continue;
    violations.push_back(
        {path + ".claim",
         absl::StrCat("no token issuer of the server's configuration records "
                      "the claim \"",
                      base::EscapeForDisplay(claim.claim), "\"; it records ",
                      policy.known_claims.empty()
                          ? "none"
                          : absl::StrJoin(policy.known_claims, ", "))});
  }
}

}  // namespace

bool ApprovalRule::MayAsk(const Principal& p) const {
  return Intersects(allowed_groups, p.groups) ||
         Intersects(blanket_groups, p.groups);
}

bool ApprovalRule::NeedsNoApproval(const Principal& requester) const {
  // A rule that asks for approvals and names nobody who could give them is
  // refused by CheckRule; should one ever come here, nothing is signed by it.
  return (approval_groups.empty() && required_approvals == 0) ||
         Intersects(blanket_groups, requester.groups);
}

bool ApprovalRule::MayApprove(const Principal& p) const {
  return Intersects(approval_groups, p.groups);
}

absl::Status ApprovalRule::CheckClaims(const Principal& p,
                                       absl::string_view resource) const {
  const ClaimRule* unmet = FirstUnmet(required_claims, p.claims);
  if (unmet == nullptr) return absl::OkStatus();
  const auto found = p.claims.find(unmet->claim);
  return error::ClaimRequired(
      resource, DescribeClaimRule(*unmet), unmet->claim,
      found == p.claims.end() ? absl::string_view() : found->second);
}

bool ApprovalRule::operator==(const ApprovalRule& o) const {
  return display_name == o.display_name && description == o.description &&
         allowed_groups == o.allowed_groups &&
         approval_groups == o.approval_groups &&
         blanket_groups == o.blanket_groups &&
         required_claims == o.required_claims &&
         required_approvals == o.required_approvals &&
         request_expiry == o.request_expiry;
}

std::vector<base::FieldViolation> CheckRule(const ApprovalRule& rule,
                                            const Policy& policy,
                                            const std::string& path) {
  std::vector<base::FieldViolation> violations;
  CheckText(rule.display_name, kMaxDisplayName, path + ".display_name",
            violations);
  CheckText(rule.description, kMaxDescription, path + ".description",
            violations);
  CheckGroups(rule.allowed_groups, policy, path + ".allowed_groups",
              violations);
  CheckGroups(rule.approval_groups, policy, path + ".approval_groups",
              violations);
  CheckGroups(rule.blanket_groups, policy, path + ".blanket_groups",
              violations);
  if (rule.allowed_groups.empty() && rule.blanket_groups.empty()) {
    violations.push_back({path + ".allowed_groups",
                          "is empty, as is blanket_groups: nobody may ask; "
                          "name a group in one of them"});
  }
  CheckRequiredApprovals(rule, path + ".required_approvals", violations);
  CheckRequiredClaims(rule, policy, path + ".required_claims", violations);
  if (rule.request_expiry < kMinExpiry ||
      rule.request_expiry > policy.max_request_expiry) {
    violations.push_back(
        {path + ".request_expiry",
         absl::StrCat("is ", absl::FormatDuration(rule.request_expiry),
                      "; from ", absl::FormatDuration(kMinExpiry), " to ",
                      absl::FormatDuration(policy.max_request_expiry),
                      " are possible")});
  }
  return violations;
}

base::Json RuleJson(const ApprovalRule& rule) {
  base::Json json = base::Json::Object();
  json.Set("displayName", rule.display_name);
  json.Set("description", rule.description);
  json.Set("allowedGroups", GroupsJson(rule.allowed_groups));
  json.Set("approvalGroups", GroupsJson(rule.approval_groups));
  json.Set("blanketGroups", GroupsJson(rule.blanket_groups));
  json.Set("requiredApprovals", rule.required_approvals);
  json.Set("requestExpiry", DurationText(rule.request_expiry));
  // Said where there are some: rules from before have the digest they had.
  if (!rule.required_claims.empty()) {
    json.Set("requiredClaims", ClaimRulesJson(rule.required_claims));
  }
  return json;
}

std::string RuleDigest(const ApprovalRule& rule) {
  std::string text = R"({"allowedGroups":)";
  AppendStrings(rule.allowed_groups, text);
  text.append(R"(,"approvalGroups":)");
  AppendStrings(rule.approval_groups, text);
  text.append(R"(,"blanketGroups":)");
  AppendStrings(rule.blanket_groups, text);
  text.append(R"(,"description":)");
  AppendString(rule.description, text);
  text.append(R"(,"displayName":)");
  AppendString(rule.display_name, text);
  text.append(R"(,"requestExpiry":)");
  AppendString(DurationText(rule.request_expiry), text);
  absl::StrAppend(&text, R"(,"requiredApprovals":)", rule.required_approvals);
  if (!rule.required_claims.empty()) {
    text.append(R"(,"requiredClaims":[)");
    for (const ClaimRule& claim : rule.required_claims) {
      if (text.back() != '[') text.push_back(',');
      text.append(R"({"claim":)");
      AppendString(claim.claim, text);
      text.append(R"(,"patterns":)");
      AppendStrings(claim.patterns, text);
      text.append(R"(,"values":)");
      AppendStrings(claim.values, text);
      text.push_back('}');
    }
    text.push_back(']');
  }
  text.push_back('}');
  return base::Sha256Hex(text);
}

}  // namespace countersign::core
