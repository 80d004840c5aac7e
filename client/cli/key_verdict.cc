#include "client/cli/key_verdict.h"

#include "absl/strings/str_cat.h"

namespace countersign::client {
namespace {

struct Row {
  const char* attribute;
  const char* good;
  const char* meaning;
};

// PKCS#11 2.40 4.9 (private keys) and 4.8.
constexpr Row kRows[] = {
    {"CKA_ALWAYS_AUTHENTICATE", "false", "signs without a PIN each time"},
    {"CKA_ALWAYS_SENSITIVE", "true", "was never readable"},
    {"CKA_DECRYPT", "false", "does not decrypt"},
    {"CKA_DERIVE", "false", "makes no other keys"},
    {"CKA_EXTRACTABLE", "false", "cannot leave the token"},
    {"CKA_LOCAL", "true", "was made in the token"},
    {"CKA_NEVER_EXTRACTABLE", "true", "could never leave the token"},
    {"CKA_PRIVATE", "true", "is used after login only"},
    {"CKA_SENSITIVE", "true", "cannot be read"},
    {"CKA_SIGN", "true", "signs"},
    {"CKA_TOKEN", "true", "stays after the session"},
    {"CKA_UNWRAP", "false", "unwraps no keys"},
};

}  // namespace

KeyVerdict JudgeAttribute(absl::string_view attribute,
                          absl::string_view value) {
  for (const Row& row : kRows) {
    if (attribute != row.attribute) continue;
    if (value == row.good) return {"good", row.meaning};
    if (value == "true" || value == "false") return {"bad", row.meaning};
    return {"unknown", row.meaning};
  }
  return {"-", ""};
}

std::string JudgeKey(const std::map<std::string, std::string>& attributes) {
  int bad = 0;
  int unknown = 0;
  for (const auto& [attribute, value] : attributes) {
    const std::string verdict = JudgeAttribute(attribute, value).verdict;
    if (verdict == "bad") ++bad;
    if (verdict == "unknown") ++unknown;
  }
  if (attributes.empty()) return "unknown: nothing was recorded";
  if (bad > 0)
    return absl::StrCat("bad (", bad, " of ", attributes.size(), ")");
  if (unknown == 0) return "good";
  return absl::StrCat("good as far as known (", unknown, " of ",
                      attributes.size(), " unknown)");
}

}  // namespace countersign::client
