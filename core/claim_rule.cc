#include "core/claim_rule.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxName = 128;  // octets
constexpr size_t kMaxValue = 1024;
constexpr size_t kMaxEntries = 64;

bool IsSeparator(char c) { return c == '/' || c == ':' || c == '@'; }

// The part from `at` to the next separator.
absl::string_view PartAt(absl::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && !IsSeparator(text[end])) ++end;
  return text.substr(at, end - at);
}

bool IsClaimName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

base::Json StringsJson(const std::set<std::string>& strings) {
  base::Json::Array array;
  for (const std::string& string : strings) array.emplace_back(string);
  return array;
}

absl::Status CheckValue(absl::string_view value) {
  if (value.empty() || value.size() > kMaxValue) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", value.size(), " octets; 1 to ", kMaxValue, " are possible"));
  }
  if (!base::IsValidUtf8(value)) {
    return absl::InvalidArgumentError("is not UTF-8; only UTF-8 is accepted");
  }
  return absl::OkStatus();
}

// A claim that is a list is kept as JSON text; one element has to fit.
bool IsMet(const ClaimRule& rule, const std::string& value) {
  if (rule.IsMetBy(value)) return true;
  if (value.empty() || value[0] != '[') return false;
  const absl::StatusOr<base::Json> list = base::ParseJson(value);
  if (!list.ok() || !list->is_array()) return false;
  return std::any_of(list->array().begin(), list->array().end(),
                     [&rule](const base::Json& element) {
                       return element.is_string() &&
                              rule.IsMetBy(element.string());
                     });
}

void CheckCase(const std::set<std::string>& texts, const std::string& field,
               std::vector<base::FieldViolation>& violations) {
  std::map<std::string, std::string> folded;
  for (const std::string& text : texts) {
    const auto [other, fresh] =
        folded.emplace(absl::AsciiStrToLower(text), text);
    if (fresh) continue;
    violations.push_back(
        {field, absl::StrCat("\"", base::EscapeForDisplay(other->second),
                             "\" and \"", base::EscapeForDisplay(text),
                             "\" differ in case only; claims are compared "
                             "exactly: keep the one that the issuer writes")});
  }
}

}  // namespace

absl::Status CheckClaimPattern(absl::string_view pattern) {
  const absl::Status shape = CheckValue(pattern);
  if (!shape.ok()) return shape;
  if (pattern.find('*') == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "has no \"*\"; what is exact belongs into values");
  }
  size_t at = 0;
  while (true) {
    const absl::string_view part = PartAt(pattern, at);
    if (part.find('*') != absl::string_view::npos) {
      if (part != "*") {
        return absl::InvalidArgumentError(absl::StrCat(
            "\"", part,
            "\": \"*\" must be a whole part between \"/\", \":\" "
            "and \"@\"; beside other characters it would let in names that "
            "only begin or end alike"));
      }
      if (at == 0) {
        return absl::InvalidArgumentError(
            "begins with \"*\"; the first part says who vouches and is "
            "spelled out");
      }
    }
    at += part.size();
    if (at == pattern.size()) return absl::OkStatus();
    ++at;
  }
}

bool MatchesClaimPattern(absl::string_view pattern, absl::string_view value) {
  size_t p = 0;
  size_t v = 0;
  while (true) {
    const absl::string_view wanted = PartAt(pattern, p);
    const absl::string_view there = PartAt(value, v);
    if (wanted == "*" ? there.empty() : wanted != there) return false;
    p += wanted.size();
    v += there.size();
    if (p == pattern.size() || v == value.size()) {
      return p == pattern.size() && v == value.size();
    }
    if (pattern[p++] != value[v++]) return false;
  }
}

bool ClaimRule::IsMetBy(absl::string_view value) const {
  return values.count(std::string(value)) != 0 ||
         std::any_of(patterns.begin(), patterns.end(),
                     [value](const std::string& pattern) {
                       return MatchesClaimPattern(pattern, value);
                     });
}

std::vector<base::FieldViolation> CheckClaimRule(const ClaimRule& rule,
                                                 const std::string& path) {
  std::vector<base::FieldViolation> violations;
  if (!IsClaimName(rule.claim)) {
    violations.push_back(
        {path + ".claim",
         absl::StrCat("must be the name of a claim, 1 to ", kMaxName,
                      " visible ASCII characters, or a JSON pointer such as "
                      "\"/kubernetes.io/namespace\"")});
  }
  const size_t entries = rule.values.size() + rule.patterns.size();
  if (entries == 0 || entries > kMaxEntries) {
    violations.push_back(
        {path + ".values",
         absl::StrCat("has, with patterns, ", entries, " entries; 1 to ",
                      kMaxEntries, " are possible")});
  }
  for (const std::string& value : rule.values) {
    const absl::Status status = CheckValue(value);
    if (!status.ok()) {
      violations.push_back({path + ".values", std::string(status.message())});
    }
  }
  for (const std::string& pattern : rule.patterns) {
    const absl::Status status = CheckClaimPattern(pattern);
    if (!status.ok()) {
      violations.push_back({path + ".patterns", std::string(status.message())});
    }
  }
  CheckCase(rule.values, path + ".values", violations);
  CheckCase(rule.patterns, path + ".patterns", violations);
  return violations;
}

const ClaimRule* FirstUnmet(const std::vector<ClaimRule>& rules,
                            const std::map<std::string, std::string>& claims) {
  for (const ClaimRule& rule : rules) {
    const auto found = claims.find(rule.claim);
    if (found == claims.end() || !IsMet(rule, found->second)) return &rule;
  }
  return nullptr;
}

base::Json ClaimRulesJson(const std::vector<ClaimRule>& rules) {
  base::Json::Array array;
  for (const ClaimRule& rule : rules) {
    array.push_back(base::Json::Object{{"claim", rule.claim},
                                       {"patterns", StringsJson(rule.patterns)},
                                       {"values", StringsJson(rule.values)}});
  }
  return array;
}

std::string DescribeClaimRule(const ClaimRule& rule) {
  std::vector<std::string> ways;
  for (const std::string& value : rule.values) {
    ways.push_back(absl::StrCat("\"", value, "\""));
  }
  for (const std::string& pattern : rule.patterns) {
    ways.push_back(absl::StrCat("like \"", pattern, "\""));
  }
  return absl::StrCat(rule.claim, " is ", absl::StrJoin(ways, " or "));
}

}  // namespace countersign::core
