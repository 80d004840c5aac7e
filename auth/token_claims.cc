#include "auth/token_claims.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/claim_text.h"
#include "auth/subject_syntax.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "core/claim_rule.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

using base::Json;
using core::error::TokenRefused;

constexpr size_t kMaxSubjectSize = 1024;
constexpr double kMaxTime = 253402300799;  // the last second of the year 9999

std::string TimeText(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone());
}

// RFC 7519 2, NumericDate. nullopt where it is not there.
absl::StatusOr<std::optional<absl::Time>> ReadTime(const Json& claims,
                                                   const char* name) {
  const Json* value = claims.Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !(value->number() >= 0) ||
      value->number() > kMaxTime) {
    return TokenRefused(
        "TOKEN_MALFORMED",
        absl::StrCat("its `", name, "` is no number of seconds since 1970"));
  }
  return absl::UnixEpoch() + absl::Seconds(value->number());
}

absl::StatusOr<std::string> SpiffeSubject(const Json& claims) {
  const std::string& id = claims.Find("sub")->string();
  const absl::Status status = CheckSpiffeId(id);
  if (status.ok()) return id;
  return TokenRefused("TOKEN_CLAIM",
                      absl::StrCat("its `sub` ", status.message()));
}

absl::StatusOr<std::string> JoinedSubject(const Json& claims,
                                          const TokenIssuer& issuer) {
  std::vector<std::string> parts;
  for (const std::string& claim : issuer.subject_claims) {
    const Json* value = FindClaim(claims, claim);
    const std::optional<std::string> text = ClaimText(claims, claim);
    if (!text.has_value() || text->empty() ||
        !(value->is_string() || value->is_number())) {
      return TokenRefused(
          "TOKEN_CLAIM",
          absl::StrCat("it has no `", claim, "`, which says who it is of"));
    }
    parts.push_back(*text);
  }
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (absl::StrContains(parts[i], '/')) {
      return TokenRefused(
          "TOKEN_CLAIM",
          absl::StrCat("its `", issuer.subject_claims[i],
                       "` has a \"/\", which separates the claims of a "
                       "subject; put that claim last"));
    }
  }
  std::string subject = absl::StrCat("token:", absl::StrJoin(parts, "/"));
  if (subject.size() > kMaxSubjectSize ||
      base::EscapeForDisplay(subject) != subject) {
    return TokenRefused("TOKEN_CLAIM",
                        "its subject is too long or has control characters");
  }
  return subject;
}

}  // namespace

absl::Status ReadTimes(VerifiedToken& token) {
  ASSIGN_OR_RETURN(const auto expire, ReadTime(token.claims, "exp"));
  ASSIGN_OR_RETURN(const auto not_before, ReadTime(token.claims, "nbf"));
  ASSIGN_OR_RETURN(const auto issue, ReadTime(token.claims, "iat"));
  if (!expire.has_value()) {
    return TokenRefused("TOKEN_CLAIM", "it has no `exp`: it would never end");
  }
  token.expire_time = *expire;
  token.not_before = not_before.value_or(absl::InfinitePast());
  token.issue_time = issue.value_or(token.not_before);
  return absl::OkStatus();
}

absl::Status CheckTimes(const VerifiedToken& token, const TokenIssuer& issuer,
                        absl::Time now) {
  if (now >= token.expire_time + issuer.leeway) {
    return TokenRefused(
        "TOKEN_EXPIRED",
        absl::StrCat("it ended at ", TimeText(token.expire_time), " and it is ",
                     TimeText(now), " here; fetch a new one"));
  }
  const absl::Time begin = std::max(token.not_before, token.issue_time);
  if (now + issuer.leeway < begin) {
    return TokenRefused(
        "TOKEN_NOT_YET_VALID",
        absl::StrCat("it begins at ", TimeText(begin), " and it is ",
                     TimeText(now), " here; compare the clocks"));
  }
  // Without `iat` and `nbf` what is left of its life is all that can be told.
  const absl::Time issue =
      token.issue_time == absl::InfinitePast() ? now : token.issue_time;
  if (token.expire_time - issue > issuer.max_age) {
    return TokenRefused(
        "TOKEN_TOO_OLD",
        absl::StrCat("it lives for ",
                     absl::FormatDuration(token.expire_time - issue),
                     "; issuer ", issuer.name, " may give at most ",
                     absl::FormatDuration(issuer.max_age)));
  }
  return absl::OkStatus();
}

absl::Status CheckAudience(const Json& claims, const TokenIssuer& issuer) {
  const Json* audience = claims.Find("aud");
  const bool list = audience != nullptr && audience->is_array();
  bool texts = audience != nullptr && (list || audience->is_string());
  std::vector<std::string> values;
  if (texts && !list) values.push_back(audience->string());
  for (const Json& value : list ? audience->array() : Json::Array()) {
    if (value.is_string()) values.push_back(value.string());
    texts = texts && value.is_string();
  }
  const bool ours = std::any_of(
      values.begin(), values.end(),
      [&](const std::string& v) { return issuer.audiences.count(v) > 0; });
  if (texts && ours) return absl::OkStatus();
  const std::string is =
      audience == nullptr ? "it has no `aud`"
      : !texts
          ? "its `aud` is no text or list of texts"
          : absl::StrCat("its `aud` is \"",
                         absl::StrJoin(values, "\", \"").substr(0, 80), "\"");
  return TokenRefused(
      "TOKEN_AUDIENCE",
      absl::StrCat(is, "; ask its issuer for one with the audience \"",
                   absl::StrJoin(issuer.audiences, "\" or \""), "\""));
}

absl::StatusOr<std::string> TokenSubject(const Json& claims,
                                         const TokenIssuer& issuer) {
  return issuer.spiffe ? SpiffeSubject(claims) : JoinedSubject(claims, issuer);
}

absl::Status CheckRequired(const Json& claims, const TokenIssuer& issuer) {
  for (const core::ClaimRule& rule : issuer.required_claims) {
    const std::vector<std::string> values = ClaimTexts(claims, rule.claim);
    if (std::none_of(
            values.begin(), values.end(),
            [&rule](const std::string& v) { return rule.IsMetBy(v); })) {
      return TokenRefused("TOKEN_CLAIM",
                          absl::StrCat("issuer ", issuer.name,
                                       " is configured for tokens whose ",
                                       core::DescribeClaimRule(rule)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BoundCertificate(const Json& claims,
                                             const TokenIssuer& issuer) {
  const Json* confirmation = claims.Find("cnf");
  if (confirmation == nullptr) {
    if (!issuer.require_bound) return std::string();
    return TokenRefused(
        "TOKEN_NOT_BOUND",
        absl::StrCat("issuer ", issuer.name,
                     " is configured for tokens that are bound to the caller's "
                     "certificate (`cnf` x5t#S256, RFC 8705 3)"));
  }
  const Json* thumbprint = confirmation->Find("x5t#S256");
  const auto octets = thumbprint != nullptr && thumbprint->is_string()
                          ? base::Base64UrlDecode(thumbprint->string())
                          : absl::InvalidArgumentError("no text");
  if (!octets.ok() || octets->size() != 32 ||
      confirmation->object().size() != 1) {
    return TokenRefused(
        "TOKEN_NOT_BOUND",
        "it is bound (`cnf`) to something else than the SHA-256 "
        "of a certificate (x5t#S256), which cannot be checked");
  }
  return base::HexEncode(*octets);
}

absl::Status CheckRevoked(const VerifiedToken& token,
                          const TokenIssuer& issuer) {
  if (!token.id.empty() && issuer.revoked_ids.count(token.id) > 0) {
    return TokenRefused("TOKEN_REVOKED", "its `jti` is revoked");
  }
  if (token.issue_time < issuer.revoked_before) {
    return TokenRefused(
        "TOKEN_REVOKED",
        absl::StrCat("it was issued before ", TimeText(issuer.revoked_before),
                     ", and all such tokens of issuer ", issuer.name,
                     " are revoked; fetch a new one"));
  }
  return absl::OkStatus();
}

}  // namespace countersign::auth
