#include "auth/claim_text.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace countersign::auth {
namespace {

using base::Json;

constexpr double kMaxExact = 9007199254740991;  // 2^53 - 1

// RFC 6901 4: an index has no leading zeros.
const Json* Element(const Json::Array& list, absl::string_view index) {
  size_t at = 0;
  if (index.empty() || index.size() > 5 ||
      index.find_first_not_of("0123456789") != absl::string_view::npos ||
      (index[0] == '0' && index.size() > 1) || !absl::SimpleAtoi(index, &at) ||
      at >= list.size()) {
    return nullptr;
  }
  return &list[at];
}

// RFC 6901 3: "~" is followed by 0 or 1. "~01" is "~1", not "/".
std::string Unescaped(absl::string_view token) {
  return absl::StrReplaceAll(token, {{"~1", "/"}, {"~0", "~"}});
}

bool IsExact(const Json& value) {
  if (value.is_number()) return std::fabs(value.number()) <= kMaxExact;
  if (value.is_array()) {
    for (const Json& element : value.array()) {
      if (!IsExact(element)) return false;
    }
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.object()) {
      if (!IsExact(member)) return false;
    }
  }
  return true;
}

std::optional<std::string> TextOf(const Json& value) {
  if (value.is_string()) return value.string();
  if (value.is_null() || !IsExact(value)) return std::nullopt;
  return CompactJson(value);
}

}  // namespace

const Json* FindClaim(const Json& claims, absl::string_view claim) {
  if (claim.empty() || claim[0] != '/') return claims.Find(claim);
  const Json* at = &claims;
  for (const absl::string_view token : absl::StrSplit(claim.substr(1), '/')) {
    if (at == nullptr) return nullptr;
    at = at->is_array() ? Element(at->array(), token)
                        : at->Find(Unescaped(token));
  }
  return at;
}

std::optional<std::string> ClaimText(const Json& claims,
                                     absl::string_view claim) {
  const Json* value = FindClaim(claims, claim);
  if (value == nullptr) return std::nullopt;
  return TextOf(*value);
}

std::vector<std::string> ClaimTexts(const Json& claims,
                                    absl::string_view claim) {
  const Json* value = FindClaim(claims, claim);
  if (value == nullptr) return {};
  const Json::Array one = {*value};
  std::vector<std::string> texts;
  for (const Json& element : value->is_array() ? value->array() : one) {
    if (std::optional<std::string> text = TextOf(element)) {
      texts.push_back(*std::move(text));
    }
  }
  return texts;
}

}  // namespace countersign::auth
