#include "client/token/token_hint.h"

#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/json.h"

namespace countersign::client {
namespace {

// RFC 7519 4.1.3: one text, or a list of them.
std::vector<std::string> Audiences(const base::Json* aud) {
  if (aud == nullptr) return {};
  if (aud->is_string()) return {aud->string()};
  std::vector<std::string> all;
  if (!aud->is_array()) return all;
  for (const base::Json& one : aud->array()) {
    if (one.is_string()) all.push_back(one.string());
  }
  return all;
}

// RFC 7519 2: seconds since 1970, maybe with a fraction.
absl::Time ExpireTime(const base::Json* exp) {
  // Beyond the year 9999 it is no time.
  if (exp == nullptr || !exp->is_number() || exp->number() < 0 ||
      exp->number() > 253402300799.0) {
    return absl::InfiniteFuture();
  }
  return absl::UnixEpoch() + absl::Seconds(exp->number());
}

}  // namespace

std::optional<TokenHint> ReadTokenHint(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto text = base::Base64UrlDecode(parts[1]);
  if (!text.ok()) return std::nullopt;
  const auto claims = base::ParseJson(*text, {16 << 10, 16});
  if (!claims.ok() || !claims->is_object()) return std::nullopt;
  return TokenHint{Audiences(claims->Find("aud")),
                   ExpireTime(claims->Find("exp"))};
}

}  // namespace countersign::client
