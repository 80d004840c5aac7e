#include "client/cli/product_claims.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::client {
namespace {

constexpr char kField[] = "requiredClaims";

void ReadLong(const base::Json& value, const std::string& path,
              v1::ApprovalRule& rule, Violations& violations) {
  JsonObject object(value, path, {"claim", "values", "patterns"}, violations);
  if (!value.is_object()) return;
  v1::ClaimRule& out = *rule.add_required_claims();
  out.set_claim(object.NeededText("claim"));
  for (const std::string& text : object.Texts("values")) out.add_values(text);
  for (const std::string& text : object.Texts("patterns")) {
    out.add_patterns(text);
  }
  if (object.Find("values") == nullptr && object.Find("patterns") == nullptr) {
    object.Wrong("values", "must be given, or patterns: what the claim may be");
  }
}

// One value of the short form.
void AddValue(const base::Json& value, const std::string& path,
              v1::ClaimRule& rule, Violations& violations) {
  if (!value.is_string() || value.string().empty()) {
    violations.push_back(
        {path, "a text in quotes, not empty, is expected: \"true\", not true"});
    return;
  }
  // As a value it would mean a star and nothing else.
  if (absl::StrContains(value.string(), "*")) {
    violations.push_back({path,
                          "a pattern needs the long form: {\"claim\": ..., "
                          "\"patterns\": [...]}"});
    return;
  }
  rule.add_values(value.string());
}

void ReadShort(const base::Json::Object& members, const std::string& path,
               v1::ApprovalRule& rule, Violations& violations) {
  for (const auto& [claim, value] : members) {
    v1::ClaimRule& out = *rule.add_required_claims();
    out.set_claim(claim);
    const std::string where =
        absl::StrCat(path, ".", base::EscapeForDisplay(claim.substr(0, 128)));
    if (!value.is_array()) {
      AddValue(value, where, out, violations);
      continue;
    }
    if (value.array().empty()) {
      violations.push_back({where, "at least one value is needed"});
    }
    for (size_t i = 0; i < value.array().size(); ++i) {
      AddValue(value.array()[i], absl::StrCat(where, "[", i, "]"), out,
               violations);
    }
  }
}

}  // namespace

void ReadRequiredClaims(JsonObject& operation, v1::ApprovalRule& rule,
                        Violations& violations) {
  const base::Json* value = operation.Find(kField);
  if (value == nullptr) return;
  const std::string path = operation.PathOf(kField);
  if (value->is_object()) {
    ReadShort(value->object(), path, rule, violations);
  } else if (value->is_array()) {
    for (size_t i = 0; i < value->array().size(); ++i) {
      ReadLong(value->array()[i], absl::StrCat(path, "[", i, "]"), rule,
               violations);
    }
  } else {
    operation.Wrong(kField,
                    "{\"claim\": \"value\"} or a list of {claim, values, "
                    "patterns} is expected");
  }
}

}  // namespace countersign::client
