#include "auth/json_web_key.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/openssl.h"
#include "base/public_key.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

using base::Json;

constexpr size_t kMaxKeys = 100;
constexpr int kMaxDepth = 8;
constexpr size_t kMaxIdSize = 256;
constexpr size_t kMinRsaBits = 2048;
constexpr size_t kMaxRsaBits = 8192;  // a verification of some 0.2 ms
constexpr size_t kMaxExponentSize = 8;

// RFC 7518 6.2.2, 6.3.2 and 6.4.1.
constexpr const char* kSecretMembers[] = {"d",  "p",  "q",   "dp",
                                          "dq", "qi", "oth", "k"};

const std::set<TokenAlgorithm>& RsaAlgorithms() {
  static const auto& all = *new std::set<TokenAlgorithm>{
      TokenAlgorithm::kRs256, TokenAlgorithm::kRs384, TokenAlgorithm::kRs512,
      TokenAlgorithm::kPs256, TokenAlgorithm::kPs384, TokenAlgorithm::kPs512};
  return all;
}

// RFC 7518 3.4: each curve has its hash.
std::optional<TokenAlgorithm> AlgorithmOfCurve(absl::string_view curve) {
  if (curve == "P-256") return TokenAlgorithm::kEs256;
  if (curve == "P-384") return TokenAlgorithm::kEs384;
  if (curve == "P-521") return TokenAlgorithm::kEs512;
  return std::nullopt;
}

absl::StatusOr<std::string> Text(const Json& jwk, const char* name) {
  const Json* value = jwk.Find(name);
  if (value == nullptr || !value->is_string() || value->string().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", name, "` is missing or is no text"));
  }
  return value->string();
}

// "" where it is not there.
absl::StatusOr<std::string> OptionalText(const Json& jwk, const char* name) {
  if (jwk.Find(name) == nullptr) return std::string();
  return Text(jwk, name);
}

absl::StatusOr<std::string> Octets(const Json& jwk, const char* name) {
  ASSIGN_OR_RETURN(const std::string text, Text(jwk, name));
  absl::StatusOr<std::string> octets = base::Base64UrlDecode(text);
  if (!octets.ok()) {
    return base::Annotate(octets.status(), absl::StrCat("`", name, "`"));
  }
  return octets;
}

// RFC 7638 3: the members that make the key, in this order, without blanks.
std::string Thumbprint(const Json& jwk,
                       std::initializer_list<const char*> names) {
  Json::Object members;
  for (const char* name : names) {
    members.emplace_back(name, jwk.Find(name)->string());
  }
  return base::Base64UrlEncode(
      base::Sha256(CompactJson(Json(std::move(members)))));
}

size_t Bits(absl::string_view number) {
  size_t bits = number.size() * 8;
  for (int mask = 0x80; mask > 0 && (number[0] & mask) == 0; mask >>= 1) {
    --bits;
  }
  return bits;
}

// Each of the three fills spki, thumbprint and algorithms; false for a key that
// is passed over.
absl::StatusOr<bool> ReadRsa(const Json& jwk, IssuerKey& key) {
  ASSIGN_OR_RETURN(const std::string n, Octets(jwk, "n"));
  ASSIGN_OR_RETURN(const std::string e, Octets(jwk, "e"));
  // RFC 7518 2, Base64urlUInt: one text for each number.
  if (n[0] == '\0' || e[0] == '\0') {
    return absl::InvalidArgumentError("`n` or `e` begins with a zero octet");
  }
  if (Bits(n) < kMinRsaBits || Bits(n) > kMaxRsaBits || Bits(e) < 17 ||
      e.size() > kMaxExponentSize) {
    return false;
  }
  ASSIGN_OR_RETURN(key.spki, base::RsaSpki(n, e));
  key.thumbprint = Thumbprint(jwk, {"e", "kty", "n"});
  key.algorithms = RsaAlgorithms();
  return true;
}

absl::StatusOr<bool> ReadEc(const Json& jwk, IssuerKey& key) {
  ASSIGN_OR_RETURN(const std::string curve, Text(jwk, "crv"));
  const std::optional<TokenAlgorithm> algorithm = AlgorithmOfCurve(curve);
  if (!algorithm.has_value()) return false;
  ASSIGN_OR_RETURN(const std::string x, Octets(jwk, "x"));
  ASSIGN_OR_RETURN(const std::string y, Octets(jwk, "y"));
  ASSIGN_OR_RETURN(key.spki, base::EcSpki(curve, x, y));
  key.thumbprint = Thumbprint(jwk, {"crv", "kty", "x", "y"});
  key.algorithms = {*algorithm};
  return true;
}

// RFC 8037 2.
absl::StatusOr<bool> ReadOkp(const Json& jwk, IssuerKey& key) {
  ASSIGN_OR_RETURN(const std::string curve, Text(jwk, "crv"));
  if (curve != "Ed25519") return false;
  ASSIGN_OR_RETURN(const std::string x, Octets(jwk, "x"));
  ASSIGN_OR_RETURN(key.spki, base::Ed25519Spki(x));
  key.thumbprint = Thumbprint(jwk, {"crv", "kty", "x"});
  key.algorithms = {TokenAlgorithm::kEdDsa};
  return true;
}

// RFC 7517 4.2 and 4.3, SPIFFE Trust Domain and Bundle 4.2.2.
absl::StatusOr<bool> IsForTokens(const Json& jwk, bool spiffe) {
  ASSIGN_OR_RETURN(const std::string use, OptionalText(jwk, "use"));
  if (spiffe ? use != "jwt-svid" : !use.empty() && use != "sig") return false;
  const Json* operations = jwk.Find("key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) {
    return absl::InvalidArgumentError("`key_ops` is no list");
  }
  const Json::Array& all = operations->array();
  return std::find(all.begin(), all.end(), Json("verify")) != all.end();
}

absl::Status CheckPublic(const Json& jwk, const std::string& kind) {
  for (const char* name : kSecretMembers) {
    if (jwk.Find(name) != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "it has the secret member `", name,
          "`: whoever could read it can make tokens; publish public keys only "
          "and replace this one"));
    }
  }
  if (kind == "oct") {
    return absl::InvalidArgumentError("it is symmetric (`kty` oct)");
  }
  return absl::OkStatus();
}

absl::Status CheckId(absl::string_view id) {
  if (id.size() <= kMaxIdSize && base::EscapeForDisplay(id) == id) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "`kid` has more than ", kMaxIdSize, " octets or control characters"));
}

// nullopt for a key that is passed over.
absl::StatusOr<std::optional<IssuerKey>> ReadKey(const Json& jwk, bool spiffe) {
  if (!jwk.is_object()) {
    return absl::InvalidArgumentError("it is no JSON object");
  }
  IssuerKey key;
  ASSIGN_OR_RETURN(const std::string kind, Text(jwk, "kty"));
  RETURN_IF_ERROR(CheckPublic(jwk, kind));
  ASSIGN_OR_RETURN(const bool for_tokens, IsForTokens(jwk, spiffe));
  if (!for_tokens) return std::nullopt;
  ASSIGN_OR_RETURN(key.id, OptionalText(jwk, "kid"));
  RETURN_IF_ERROR(CheckId(key.id));
  ASSIGN_OR_RETURN(const std::string algorithm, OptionalText(jwk, "alg"));
  absl::StatusOr<bool> taken = kind == "RSA"   ? ReadRsa(jwk, key)
                               : kind == "EC"  ? ReadEc(jwk, key)
                               : kind == "OKP" ? ReadOkp(jwk, key)
                                               : absl::StatusOr<bool>(false);
  RETURN_IF_ERROR(taken.status());
  if (!*taken) return std::nullopt;
  if (!algorithm.empty()) {
    const std::optional<TokenAlgorithm> only = ParseTokenAlgorithm(algorithm);
    if (!only.has_value() || key.algorithms.count(*only) == 0) {
      return std::nullopt;
    }
    key.algorithms = {*only};
  }
  return key;
}

// Which of two keys with one id was meant, nobody could say.
absl::Status Add(IssuerKey key, std::vector<IssuerKey>& keys) {
  const auto same =
      std::find_if(keys.begin(), keys.end(),
                   [&key](const IssuerKey& k) { return k.id == key.id; });
  if (same == keys.end()) {
    keys.push_back(std::move(key));
  } else if (same->spki == key.spki) {
    same->algorithms.insert(key.algorithms.begin(), key.algorithms.end());
  } else if (key.id.empty()) {
    keys.push_back(std::move(key));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("two keys have the `kid` \"", key.id, "\""));
  }
  return absl::OkStatus();
}

}  // namespace

const IssuerKey* KeySet::Find(absl::string_view id) const {
  if (id.empty()) return keys_.size() == 1 ? &keys_.front() : nullptr;
  const auto found =
      std::find_if(keys_.begin(), keys_.end(),
                   [id](const IssuerKey& k) { return k.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

absl::StatusOr<KeySet> ParseKeySet(absl::string_view text, bool spiffe) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxKeySetSize;
  limits.max_depth = kMaxDepth;
  const absl::StatusOr<Json> set = base::ParseJson(text, limits);
  if (!set.ok()) return base::Annotate(set.status(), "not a JWK Set");
  const Json* list = set->Find("keys");
  if (list == nullptr || !list->is_array()) {
    return absl::InvalidArgumentError(
        "not a JWK Set: an object with a list `keys` (RFC 7517 5) is needed");
  }
  if (list->array().size() > kMaxKeys) {
    return absl::InvalidArgumentError(
        absl::StrCat("a JWK Set of more than ", kMaxKeys, " keys"));
  }
  std::vector<IssuerKey> keys;
  for (size_t i = 0; i < list->array().size(); ++i) {
    absl::StatusOr<std::optional<IssuerKey>> key =
        ReadKey(list->array()[i], spiffe);
    absl::Status status = key.status();
    if (key.ok() && key->has_value()) status = Add(**std::move(key), keys);
    if (!status.ok()) {
      return base::Annotate(status, absl::StrCat("key ", i + 1));
    }
  }
  return KeySet(std::move(keys));
}

}  // namespace countersign::auth
