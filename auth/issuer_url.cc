#include "auth/issuer_url.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace countersign::auth {
namespace {

constexpr char kSpiffe[] = "spiffe://";
constexpr char kEntraV1[] = "https://sts.windows.net/";
constexpr char kWellKnown[] = "/.well-known/openid-configuration";

absl::string_view HostOf(absl::string_view issuer) {
  if (!absl::ConsumePrefix(&issuer, "https://")) return "";
  return issuer.substr(0, issuer.find('/'));
}

bool IsEntraV2Host(absl::string_view host) {
  return host == "login.microsoftonline.com" ||
         host == "login.microsoftonline.us" ||
         host == "login.partner.microsoftonline.cn";
}

std::string WrongEntraIssuer(absl::string_view issuer) {
  constexpr char kRight[] =
      "; its issuers are https://login.microsoftonline.com/TENANT/v2.0 "
      "(version "
      "2) and https://sts.windows.net/TENANT/ (version 1), with the tenant's "
      "GUID in lower case: \"common\" and \"organizations\" issue no tokens";
  absl::string_view tenant = issuer;
  if (absl::ConsumePrefix(&tenant, kEntraV1)) {
    if (absl::ConsumeSuffix(&tenant, "/") && IsGuid(tenant)) return "";
    return absl::StrCat("is no issuer of Entra ID", kRight);
  }
  const absl::string_view host = HostOf(issuer);
  if (!IsEntraV2Host(host)) return "";  // clouds of others, customers' domains
  tenant = absl::StripPrefix(issuer, absl::StrCat("https://", host, "/"));
  if (absl::ConsumeSuffix(&tenant, "/v2.0") && IsGuid(tenant)) return "";
  return absl::StrCat("is no issuer of Entra ID", kRight);
}

}  // namespace

bool IsGuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-'
               : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i])) ||
                     absl::ascii_isupper(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

std::string ProfileOfIssuer(absl::string_view issuer) {
  if (absl::StartsWith(issuer, kSpiffe)) return "spiffe";
  const absl::string_view host = HostOf(issuer);
  // Also of an enterprise by itself (".../ENTERPRISE"), and with data residency
  // ("token.actions.NAME.ghe.com").
  if (host == "token.actions.githubusercontent.com" ||
      (absl::StartsWith(host, "token.actions.") &&
       absl::EndsWith(host, ".ghe.com")) ||
      absl::EndsWith(issuer, "/_services/token")) {
    return "github-actions";
  }
  if (host == "gitlab.com") return "gitlab";
  if (host == "accounts.google.com") return "google";
  if (host == "agent.buildkite.com") return "buildkite";
  if (IsEntraV2Host(host) || host == "sts.windows.net") return "entra";
  if (absl::EndsWith(issuer, "/api/actions")) return "forgejo";
  return "";
}

std::string DiscoveryUrlOf(absl::string_view issuer) {
  if (absl::StartsWith(issuer, kSpiffe)) return "";
  absl::string_view tenant = issuer;
  if (absl::ConsumePrefix(&tenant, kEntraV1)) {
    return absl::StrCat("https://login.microsoftonline.com/",
                        absl::StripSuffix(tenant, "/"), kWellKnown);
  }
  return absl::StrCat(absl::StripSuffix(issuer, "/"), kWellKnown);
}

std::string WrongIssuerOf(absl::string_view profile, absl::string_view issuer) {
  const std::string told = ProfileOfIssuer(issuer);
  if (!told.empty() && told != profile) {
    return absl::StrCat("is an issuer of profile \"", told, "\", not \"",
                        profile, "\"");
  }
  const bool spiffe = absl::StartsWith(issuer, kSpiffe);
  if (profile == "spiffe") {
    return spiffe ? ""
                  : "must be the trust domain that JWT-SVIDs are of, as in "
                    "\"spiffe://example.org\"";
  }
  if (profile == "entra") return WrongEntraIssuer(issuer);
  if (profile == "google" && issuer != "https://accounts.google.com") {
    return "must be \"https://accounts.google.com\"";
  }
  if (profile == "buildkite" && issuer != "https://agent.buildkite.com") {
    return "must be \"https://agent.buildkite.com\"";
  }
  if (profile == "forgejo" && !absl::EndsWith(issuer, "/api/actions")) {
    return "must be the instance's URL with \"/api/actions\" at its end";
  }
  if ((profile == "gitlab" || profile == "github-actions") &&
      absl::EndsWith(issuer, "/")) {
    return "must not end in \"/\": its tokens have none there";
  }
  return "";
}

}  // namespace countersign::auth
