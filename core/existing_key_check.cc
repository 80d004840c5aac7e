#include "core/existing_key_check.h"

#include <cstddef>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxKeyId = 64;  // octets
constexpr size_t kMaxLabel = 256;
constexpr size_t kMaxTokens = 8;

}  // namespace

base::FieldViolation UnknownToken(const std::string& field,
                                  const std::string& token,
                                  const Policy& policy) {
  return {field, absl::StrCat("\"", base::EscapeForDisplay(token.substr(0, 64)),
                              "\" is no configured token; there is ",
                              policy.tokens.empty()
                                  ? "none"
                                  : absl::StrJoin(policy.tokens, ", "))};
}

std::vector<base::FieldViolation> CheckExistingKey(const ExistingKey& key,
                                                   const Policy& policy,
                                                   const std::string& path) {
  std::vector<base::FieldViolation> out;
  if (key.key_id.empty() || key.key_id.size() > kMaxKeyId) {
    out.push_back(
        {path + ".key_id",
         absl::StrCat("has ", key.key_id.size(), " octets; a CKA_ID of 1 to ",
                      kMaxKeyId, " octets is needed, in hexadecimal")});
  }
  if (key.label.empty() || key.label.size() > kMaxLabel ||
      !base::IsValidUtf8(key.label)) {
    out.push_back(
        {path + ".label", absl::StrCat("must be a CKA_LABEL of 1 to ",
                                       kMaxLabel, " octets of UTF-8")});
  }
  const std::string tokens = path + ".tokens";
  if (key.tokens.size() > kMaxTokens) {
    out.push_back(
        {tokens, absl::StrCat("has ", key.tokens.size(), " entries; at most ",
                              kMaxTokens, " are possible")});
    return out;
  }
  std::set<std::string> seen;
  for (const std::string& token : key.tokens) {
    if (!policy.HasToken(token)) {
      out.push_back(UnknownToken(tokens, token, policy));
    } else if (!seen.insert(token).second) {
      out.push_back({tokens, absl::StrCat("names \"", token,
                                          "\" twice; name each token once")});
    }
  }
  return out;
}

}  // namespace countersign::core
