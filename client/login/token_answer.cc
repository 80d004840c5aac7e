#include "client/login/token_answer.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "client/login/login_error.h"

namespace countersign::client {
namespace {

constexpr absl::Duration kSkew = absl::Minutes(2);
// 100 years; what is longer would overflow somewhere.
constexpr double kMaxSeconds = 3.2e9;
constexpr char kAnswer[] = "the issuer's tokens";

absl::Status WrongIdToken(absl::string_view why) {
  return IssuerAnswerWrong("the issuer's ID token", why);
}

// RFC 6750 2.1, so that nothing can end a header line; and a size that a server
// would take.
bool IsToken(absl::string_view token) {
  constexpr absl::string_view kOthers = "-._~+/=";
  return token.size() <= 64 << 10 &&
         std::all_of(token.begin(), token.end(), [&](char c) {
           return absl::ascii_isalnum(c) || absl::StrContains(kOthers, c);
         });
}

absl::StatusOr<base::SecretBytes> TokenMember(const base::Json& body,
                                              absl::string_view key) {
  const base::Json* const value = body.Find(key);
  if (value == nullptr || value->is_null()) return base::SecretBytes();
  // A refresh token is any printable text (RFC 6749 A.17).
  const bool fits = value->is_string() &&
                    (key == "refresh_token" ? value->string().size() <= 64 << 10
                                            : IsToken(value->string()));
  if (!fits) {
    return IssuerAnswerWrong(kAnswer, absl::StrCat(key, " is no token"));
  }
  return base::SecretBytes(value->string());
}

// Whole seconds; some issuers write them as a text.
absl::StatusOr<absl::Duration> Lifetime(const base::Json& value) {
  double seconds = -1;
  if (value.is_number()) seconds = value.number();
  if (value.is_string() && !absl::SimpleAtod(value.string(), &seconds)) {
    seconds = -1;
  }
  if (!(seconds >= 0 && seconds <= kMaxSeconds)) {
    return IssuerAnswerWrong(kAnswer, "expires_in is no number of seconds");
  }
  return absl::Seconds(seconds);
}

std::string Text(const base::Json& claims, absl::string_view name) {
  const base::Json* const value = claims.Find(name);
  return value != nullptr && value->is_string() ? value->string() : "";
}

absl::StatusOr<absl::Time> TimeClaim(const base::Json& claims,
                                     absl::string_view name) {
  const base::Json* const value = claims.Find(name);
  if (value == nullptr || !value->is_number() || value->number() < 0 ||
      value->number() > 2 * kMaxSeconds) {
    return WrongIdToken(absl::StrCat(name, " is no time"));
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(value->number()));
}

absl::StatusOr<base::Json> Claims(const base::SecretBytes& token) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(token.DangerouslyExpose(), '.');
  if (parts.size() != 3) return WrongIdToken("not a signed JWT");
  const absl::StatusOr<std::string> payload = base::Base64UrlDecode(parts[1]);
  if (!payload.ok()) return WrongIdToken("its payload is not base64url");
  absl::StatusOr<base::Json> claims = base::ParseJson(*payload, {64 << 10, 16});
  if (!claims.ok() || !claims->is_object()) {
    return WrongIdToken("its payload is not a JSON object");
  }
  return claims;
}

// `aud` has us; with others it needs `azp`, and `azp` is us.
bool IsForUs(const base::Json& claims, const std::string& client_id) {
  const base::Json* const audience = claims.Find("aud");
  if (audience == nullptr) return false;
  const base::Json* const party = claims.Find("azp");
  if (party != nullptr && *party != base::Json(client_id)) return false;
  if (!audience->is_array()) return *audience == base::Json(client_id);
  const base::Json::Array& all = audience->array();
  return std::find(all.begin(), all.end(), base::Json(client_id)) !=
             all.end() &&
         (all.size() == 1 || party != nullptr);
}

}  // namespace

absl::StatusOr<TokenAnswer> ParseTokenAnswer(const base::Json& body,
                                             absl::Time asked) {
  TokenAnswer answer;
  ASSIGN_OR_RETURN(answer.access_token, TokenMember(body, "access_token"));
  ASSIGN_OR_RETURN(answer.id_token, TokenMember(body, "id_token"));
  ASSIGN_OR_RETURN(answer.refresh_token, TokenMember(body, "refresh_token"));
  if (answer.access_token.empty()) {
    return IssuerAnswerWrong(kAnswer, "access_token is missing");
  }
  const std::string type = Text(body, "token_type");
  if (absl::AsciiStrToLower(type) != "bearer") {
    return IssuerAnswerWrong(kAnswer,
                             absl::StrCat("token_type is \"", IssuerText(type),
                                          "\", Bearer is expected"));
  }
  const base::Json* const expires = body.Find("expires_in");
  if (expires != nullptr && !expires->is_null()) {
    ASSIGN_OR_RETURN(const absl::Duration lifetime, Lifetime(*expires));
    answer.expire_time = asked + lifetime;
  }
  return answer;
}

absl::StatusOr<IdToken> CheckIdToken(const base::SecretBytes& token,
                                     const IdTokenRules& rules) {
  ASSIGN_OR_RETURN(const base::Json claims, Claims(token));
  if (const std::string issuer = Text(claims, "iss"); issuer != rules.issuer) {
    return WrongIdToken(absl::StrCat("it is of the issuer \"",
                                     IssuerText(issuer), "\", not of ",
                                     rules.issuer));
  }
  if (!IsForUs(claims, rules.client_id)) {
    return WrongIdToken(
        absl::StrCat("it is not for the client ", IssuerText(rules.client_id)));
  }
  IdToken read;
  read.subject = Text(claims, "sub");
  read.nonce = Text(claims, "nonce");
  if (read.subject.empty()) return WrongIdToken("it has no subject");
  if (!rules.subject.empty() && read.subject != rules.subject) {
    return WrongIdToken("it is of another subject than the one before");
  }
  if (!rules.nonce.empty() &&
      !base::ConstantTimeEquals(read.nonce, rules.nonce)) {
    return WrongIdToken("its nonce is not the one that was sent");
  }
  ASSIGN_OR_RETURN(read.expire_time, TimeClaim(claims, "exp"));
  ASSIGN_OR_RETURN(const absl::Time issued, TimeClaim(claims, "iat"));
  if (read.expire_time + kSkew <= rules.now) {
    return WrongIdToken("it has expired; is this machine's clock right?");
  }
  if (issued > rules.now + kSkew) {
    return WrongIdToken(
        "it was issued in the future; is this machine's clock right?");
  }
  return read;
}

}  // namespace countersign::client
