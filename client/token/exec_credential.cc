#include "client/token/exec_credential.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

constexpr char kVersion[] = "client.authentication.k8s.io/v1";
// Of kubectl 1.11 to 1.23; the fields that we read are the same.
constexpr char kOldVersion[] = "client.authentication.k8s.io/v1beta1";

absl::Status Wrong(const TokenUse& use, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kUnauthenticated,
                         absl::StrCat(use.described, ": ", what),
                         Because("TOKEN_HELPER_FAILED"));
}

std::string TextOf(const base::Json* value) {
  return value != nullptr && value->is_string() ? value->string() : "";
}

}  // namespace

std::string ExecInfo() {
  return base::CompactJson(
      base::Json::Object{{"apiVersion", kVersion},
                         {"kind", "ExecCredential"},
                         {"spec", base::Json::Object{{"interactive", false}}}});
}

absl::StatusOr<BearerToken> ReadExecCredential(absl::string_view output,
                                               const TokenUse& use,
                                               absl::Time now) {
  const absl::string_view text = absl::StripAsciiWhitespace(output);
  if (!absl::StartsWith(text, "{")) return ReadToken(text, use, now);
  const auto json = base::ParseJson(text);
  // The parser's message could quote a part of the token.
  if (!json.ok()) return Wrong(use, "its answer is broken JSON");
  const std::string version = TextOf(json->Find("apiVersion"));
  if (TextOf(json->Find("kind")) != "ExecCredential" ||
      (version != kVersion && version != kOldVersion)) {
    return Wrong(use, absl::StrCat("its answer is JSON, but no ExecCredential "
                                   "of ",
                                   kVersion));
  }
  const base::Json* status = json->Find("status");
  const std::string token =
      status == nullptr ? "" : TextOf(status->Find("token"));
  if (token.empty()) {
    return Wrong(use,
                 "its ExecCredential has no status.token (certificates are "
                 "not taken from programs)");
  }
  ASSIGN_OR_RETURN(BearerToken read, ReadToken(token, use, now));
  const std::string end = TextOf(status->Find("expirationTimestamp"));
  absl::Time expire_time;
  if (!end.empty()) {
    if (!absl::ParseTime(absl::RFC3339_full, end, &expire_time, nullptr)) {
      return Wrong(use, "status.expirationTimestamp is no RFC 3339 time");
    }
    read.expire_time = std::min(read.expire_time, expire_time);
  }
  return read;
}

}  // namespace countersign::client
