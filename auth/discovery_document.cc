#include "auth/discovery_document.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/https_call.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxDocument = 256 << 10;
constexpr size_t kMaxUrl = 2048;

absl::StatusOr<std::string> Text(const base::Json& document,
                                 absl::string_view member) {
  const base::Json* value = document.Find(member);
  if (value == nullptr || !value->is_string() || value->string().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the discovery document has no ", member));
  }
  if (value->string().size() > kMaxUrl) {
    return absl::InvalidArgumentError(absl::StrCat("the discovery document's ",
                                                   member, " is longer than ",
                                                   kMaxUrl, " octets"));
  }
  return value->string();
}

}  // namespace

absl::StatusOr<DiscoveryDocument> ParseDiscoveryDocument(
    absl::string_view text, absl::string_view issuer) {
  base::JsonLimits limits;
  limits.max_bytes = kMaxDocument;
  limits.max_depth = 16;
  const absl::StatusOr<base::Json> document = base::ParseJson(text, limits);
  if (!document.ok() || !document->is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the discovery document is no JSON object",
                     document.ok() ? "" : ": ", document.status().message()));
  }
  DiscoveryDocument out;
  ASSIGN_OR_RETURN(out.issuer, Text(*document, "issuer"));
  if (out.issuer != issuer) {
    // Compact JSON: whatever it holds, it stays on one line.
    return absl::InvalidArgumentError(
        absl::StrCat("the discovery document is of issuer ",
                     base::CompactJson(base::Json(out.issuer)), " and not of ",
                     base::CompactJson(base::Json(issuer)), ", as configured"));
  }
  ASSIGN_OR_RETURN(out.jwks_uri, Text(*document, "jwks_uri"));
  if (const absl::Status url = base::CheckHttpsUrl(out.jwks_uri); !url.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the discovery document's jwks_uri: ", url.message()));
  }
  if (!absl::StartsWithIgnoreCase(out.jwks_uri, "https:") &&
      !absl::StartsWithIgnoreCase(issuer, "http:")) {
    return absl::InvalidArgumentError(
        "the discovery document's jwks_uri must be https");
  }
  return out;
}

}  // namespace countersign::auth
