#include "auth/json_web_token.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::auth {
namespace {

using base::Json;

constexpr int kMaxDepth = 8;
constexpr size_t kMaxIdSize = 256;

// Members that ask the reader for something: to understand an extension
// (RFC 7515 4.1.11, RFC 7797), to take the key from the token itself or from
// the net (4.1.2 to 4.1.6), to decompress or to decrypt (RFC 7516 4.1).
constexpr const char* kRefusedMembers[] = {"crit", "b64", "jwk", "jku",
                                           "x5u",  "x5c", "zip", "enc"};

absl::Status Malformed(absl::string_view why) {
  return core::error::TokenRefused("TOKEN_MALFORMED", why);
}

absl::StatusOr<Json> ParseObject(absl::string_view part,
                                 absl::string_view what) {
  const absl::StatusOr<std::string> text = base::Base64UrlDecode(part);
  if (!text.ok()) {
    return Malformed(
        absl::StrCat("its ", what, " is ", text.status().message()));
  }
  base::JsonLimits limits;
  limits.max_bytes = kMaxTokenSize;
  limits.max_depth = kMaxDepth;
  absl::StatusOr<Json> json = base::ParseJson(*text, limits);
  if (!json.ok()) {
    return Malformed(absl::StrCat(
        "its ", what, " is not strict JSON: ", json.status().message()));
  }
  if (!json->is_object()) {
    return Malformed(absl::StrCat("its ", what, " is no JSON object"));
  }
  return json;
}

// "" where it is not there.
absl::StatusOr<std::string> OptionalText(const Json& header, const char* name) {
  const Json* value = header.Find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string() || value->string().empty()) {
    return Malformed(absl::StrCat("`", name, "` of its header is no text"));
  }
  return value->string();
}

absl::Status CheckHeader(const Json& header) {
  for (const char* name : kRefusedMembers) {
    if (header.Find(name) != nullptr) {
      return Malformed(absl::StrCat(
          "its header has `", name,
          "`; keys come from the configured issuer only, and no extension, "
          "compression or encryption is understood"));
    }
  }
  ASSIGN_OR_RETURN(const std::string content, OptionalText(header, "cty"));
  if (absl::EqualsIgnoreCase(content, "JWT") ||
      absl::EqualsIgnoreCase(content, "application/JWT")) {
    return Malformed("it holds another token (`cty` JWT); send that one");
  }
  return absl::OkStatus();
}

absl::Status CheckParts(const std::vector<absl::string_view>& parts) {
  if (parts.size() == 5) {
    return Malformed(
        "it is encrypted (JWE: five parts); a signed token is needed");
  }
  if (parts.size() != 3) {
    return Malformed(
        absl::StrCat("it has ", parts.size(),
                     " parts between dots; a signed JWT has three"));
  }
  if (parts[2].empty()) return Malformed("it has no signature");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JsonWebToken> ParseToken(absl::string_view token) {
  if (token.size() > kMaxTokenSize) {
    return Malformed(absl::StrCat("it has ", token.size(), " octets; at most ",
                                  kMaxTokenSize, " are read"));
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  RETURN_IF_ERROR(CheckParts(parts));
  ASSIGN_OR_RETURN(const Json header, ParseObject(parts[0], "header"));
  RETURN_IF_ERROR(CheckHeader(header));
  JsonWebToken parsed;
  ASSIGN_OR_RETURN(parsed.algorithm, OptionalText(header, "alg"));
  if (parsed.algorithm.empty()) return Malformed("its header has no `alg`");
  ASSIGN_OR_RETURN(parsed.key_id, OptionalText(header, "kid"));
  if (parsed.key_id.size() > kMaxIdSize ||
      base::EscapeForDisplay(parsed.key_id) != parsed.key_id) {
    return Malformed(absl::StrCat("its `kid` has more than ", kMaxIdSize,
                                  " octets or control characters"));
  }
  ASSIGN_OR_RETURN(parsed.type, OptionalText(header, "typ"));
  ASSIGN_OR_RETURN(parsed.claims, ParseObject(parts[1], "payload"));
  absl::StatusOr<std::string> signature = base::Base64UrlDecode(parts[2]);
  if (!signature.ok()) {
    return Malformed(
        absl::StrCat("its signature is ", signature.status().message()));
  }
  parsed.signature = *std::move(signature);
  parsed.signing_input =
      std::string(token.substr(0, parts[0].size() + 1 + parts[1].size()));
  return parsed;
}

}  // namespace countersign::auth
