#include "auth/verify_token.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "auth/json_web_token.h"
#include "auth/token_claims.h"
#include "auth/token_signature.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

using base::Json;
using core::error::TokenRefused;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

// `sub` of a JWT-SVID, where it is one of that trust domain.
bool IsInTrustDomain(const Json& claims, const TokenIssuer& issuer) {
  const Json* subject = claims.Find("sub");
  return subject != nullptr && subject->is_string() &&
         absl::StartsWith(subject->string(), absl::StrCat(issuer.issuer, "/"));
}

// RFC 8725 3.8: the issuer says which keys count, so it comes first. A token
// that has a configured `iss` is that issuer's, whatever its `sub` looks like.
absl::StatusOr<const TokenIssuer*> FindIssuer(
    const Json& claims, const std::vector<TokenIssuer>& issuers) {
  const Json* iss = claims.Find("iss");
  if (iss != nullptr && !iss->is_string()) {
    return TokenRefused("TOKEN_ISSUER_UNKNOWN", "its `iss` is no text");
  }
  for (const TokenIssuer& issuer : issuers) {
    if (!issuer.spiffe && iss != nullptr && iss->string() == issuer.issuer) {
      return &issuer;
    }
  }
  for (const TokenIssuer& issuer : issuers) {
    if (issuer.spiffe && IsInTrustDomain(claims, issuer)) return &issuer;
  }
  if (iss == nullptr) {
    return TokenRefused("TOKEN_ISSUER_UNKNOWN",
                        "it has no `iss`, and its `sub` is no SPIFFE ID of a "
                        "configured trust domain");
  }
  return TokenRefused(
      "TOKEN_ISSUER_UNKNOWN",
      absl::StrCat("its issuer ", Quoted(iss->string().substr(0, 120)),
                   " is not configured (compared exactly)"));
}

// RFC 8725 3.11: a logout token of the same issuer is not for this.
absl::Status CheckType(absl::string_view type, const TokenIssuer& issuer) {
  std::string kind = absl::AsciiStrToLower(type);
  kind = std::string(absl::StripPrefix(kind, "application/"));
  if (kind.empty() || kind == "jwt" ||
      kind == (issuer.spiffe ? "jose" : "at+jwt")) {
    return absl::OkStatus();
  }
  return TokenRefused(
      "TOKEN_MALFORMED",
      absl::StrCat("its `typ` is ", Quoted(type.substr(0, 64)), "; JWT, ",
                   issuer.spiffe ? "JOSE" : "at+jwt", " or none is taken"));
}

absl::StatusOr<TokenAlgorithm> CheckAlgorithm(absl::string_view name,
                                              const TokenIssuer& issuer) {
  const std::optional<TokenAlgorithm> algorithm = ParseTokenAlgorithm(name);
  // JWT-SVID 2.1 knows no EdDSA.
  if (algorithm.has_value() && issuer.algorithms.count(*algorithm) > 0 &&
      !(issuer.spiffe && *algorithm == TokenAlgorithm::kEdDsa)) {
    return *algorithm;
  }
  return TokenRefused(
      "TOKEN_ALGORITHM",
      absl::StrCat("its `alg` is ", Quoted(name.substr(0, 32)), "; issuer ",
                   issuer.name, " is configured for ",
                   absl::StrJoin(issuer.algorithms, ", ",
                                 [](std::string* out, TokenAlgorithm a) {
                                   absl::StrAppend(out, ToString(a));
                                 })));
}

absl::Status KeyUnknown(absl::string_view id, const TokenIssuer& issuer) {
  return TokenRefused(
      "TOKEN_KEY_UNKNOWN",
      id.empty() ? absl::StrCat("it names no key (`kid`), and issuer ",
                                issuer.name, " has none or several")
                 : absl::StrCat("issuer ", issuer.name, " has no key ",
                                Quoted(id.substr(0, 80)), " for signatures"));
}

// The key, and the set that owns it.
struct FoundKey {
  std::shared_ptr<const KeySet> set;
  const IssuerKey* key = nullptr;
};

// Looked for in this issuer's keys alone (RFC 8725 3.8).
absl::StatusOr<FoundKey> FindKey(const std::string& id,
                                 const TokenIssuer& issuer,
                                 const FindKeys& find_keys) {
  FoundKey found;
  ASSIGN_OR_RETURN(found.set, find_keys(issuer.name, ""));
  found.key = found.set->Find(id);
  if (found.key == nullptr && !id.empty()) {
    ASSIGN_OR_RETURN(found.set, find_keys(issuer.name, id));
    found.key = found.set->Find(id);
  }
  if (found.key == nullptr) return KeyUnknown(id, issuer);
  return found;
}

absl::Status CheckKey(const IssuerKey& key, TokenAlgorithm algorithm) {
  if (key.algorithms.count(algorithm) > 0) return absl::OkStatus();
  return TokenRefused(
      "TOKEN_ALGORITHM",
      absl::StrCat("its `alg` is ", ToString(algorithm), ", and its key ",
                   Quoted(key.id), " is not for that"));
}

}  // namespace

absl::StatusOr<VerifiedToken> VerifyToken(
    absl::string_view token, const std::vector<TokenIssuer>& issuers,
    const FindKeys& find_keys, absl::Time now) {
  ASSIGN_OR_RETURN(JsonWebToken parsed, ParseToken(token));
  ASSIGN_OR_RETURN(const TokenIssuer* const issuer,
                   FindIssuer(parsed.claims, issuers));
  RETURN_IF_ERROR(CheckType(parsed.type, *issuer));
  VerifiedToken verified;
  ASSIGN_OR_RETURN(verified.algorithm,
                   CheckAlgorithm(parsed.algorithm, *issuer));
  verified.claims = std::move(parsed.claims);
  RETURN_IF_ERROR(CheckAudience(verified.claims, *issuer));
  RETURN_IF_ERROR(ReadTimes(verified));
  RETURN_IF_ERROR(CheckTimes(verified, *issuer, now));

  ASSIGN_OR_RETURN(const FoundKey found,
                   FindKey(parsed.key_id, *issuer, find_keys));
  RETURN_IF_ERROR(CheckKey(*found.key, verified.algorithm));
  RETURN_IF_ERROR(CheckTokenSignature(parsed.signing_input, parsed.signature,
                                      *found.key, verified.algorithm));

  verified.issuer_name = issuer->name;
  verified.issuer = issuer->issuer;
  verified.fingerprint = base::HexEncode(base::Sha256(token));
  verified.key_id = parsed.key_id;
  verified.key_thumbprint = found.key->thumbprint;
  verified.id = ClaimText(verified.claims, "jti").value_or("");
  ASSIGN_OR_RETURN(verified.subject, TokenSubject(verified.claims, *issuer));
  RETURN_IF_ERROR(CheckRequired(verified.claims, *issuer));
  RETURN_IF_ERROR(CheckRevoked(verified, *issuer));
  ASSIGN_OR_RETURN(verified.bound_certificate,
                   BoundCertificate(verified.claims, *issuer));
  for (const std::string& claim : issuer->recorded_claims) {
    if (auto text = ClaimText(verified.claims, claim)) {
      verified.recorded[claim] = *std::move(text);
    }
  }
  return verified;
}

absl::Status CheckAgain(const VerifiedToken& token, const TokenIssuer& issuer,
                        const KeySet& keys, absl::Time now) {
  RETURN_IF_ERROR(CheckTimes(token, issuer, now));
  RETURN_IF_ERROR(CheckRevoked(token, issuer));
  const IssuerKey* const key = keys.Find(token.key_id);
  if (key == nullptr || key->thumbprint != token.key_thumbprint) {
    return KeyUnknown(token.key_id, issuer);
  }
  return CheckKey(*key, token.algorithm);
}

}  // namespace countersign::auth
