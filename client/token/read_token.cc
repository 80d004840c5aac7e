#include "client/token/read_token.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/time_text.h"
#include "client/api/client_error.h"
#include "client/api/token_text.h"
#include "client/token/token_hint.h"

namespace countersign::client {
namespace {

constexpr absl::Duration kLeeway = absl::Minutes(1);

absl::Status CheckHint(const TokenHint& hint, const TokenUse& use,
                       absl::Time now) {
  if (hint.expire_time + kLeeway < now) {
    return base::MakeError(
        absl::StatusCode::kUnauthenticated,
        absl::StrCat(use.described, " ended at ",
                     base::TimeText(hint.expire_time),
                     "; it was not sent, a new one is needed"),
        Because("TOKEN_EXPIRED"));
  }
  if (use.audience.empty() || hint.audiences.empty() ||
      std::find(hint.audiences.begin(), hint.audiences.end(), use.audience) !=
          hint.audiences.end()) {
    return absl::OkStatus();
  }
  return base::MakeError(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat(use.described, " is for the audience ",
                   absl::StrJoin(hint.audiences, ", "), ", not for ",
                   use.audience, "; it was not sent"),
      Because("TOKEN_AUDIENCE"));
}

}  // namespace

absl::StatusOr<BearerToken> ReadToken(absl::string_view text,
                                      const TokenUse& use, absl::Time now) {
  const absl::string_view token = absl::StripAsciiWhitespace(text);
  RETURN_IF_ERROR(CheckTokenText(token, use.described));
  BearerToken read{base::SecretBytes(token)};
  const std::optional<TokenHint> hint = ReadTokenHint(token);
  if (hint.has_value()) {
    RETURN_IF_ERROR(CheckHint(*hint, use, now));
    read.expire_time = hint->expire_time;
  }
  return read;
}

}  // namespace countersign::client
