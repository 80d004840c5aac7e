#include "server/config/key_source_checks.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/issuer_url.h"
#include "auth/json_web_key.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "server/config/bounds.h"
#include "server/config/config_files.h"
#include "server/config/url_check.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxJwksOctets = 256 << 10;

absl::Status CheckJwks(const std::string& file, bool spiffe) {
  RETURN_IF_ERROR(CheckReadableFile(file));
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(file, kMaxJwksOctets));
  const absl::StatusOr<auth::KeySet> keys = auth::ParseKeySet(text, spiffe);
  if (!keys.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", keys.status().message()));
  }
  if (!keys->keys().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(file, " holds no key for tokens",
                   spiffe ? " (\"use\": \"jwt-svid\")" : ""));
}

}  // namespace

auth::KeySource CheckKeySource(const ::config::v1::TokenIssuer& issuer,
                               const std::string& field,
                               const std::string& path, bool spiffe,
                               Mistakes& mistakes) {
  const auto add = [&](const char* name, const absl::Status& status) {
    if (!status.ok()) mistakes.Add(field + name, status.message());
  };
  auth::KeySource out;
  if (!issuer.max_key_age().empty()) {
    out.max_key_age =
        DurationWithin(field + ".max_key_age", issuer.max_key_age(),
                       absl::Minutes(5), absl::Hours(168), mistakes);
  }
  if (!issuer.jwks_file().empty()) {
    const absl::Status meaningless = absl::InvalidArgumentError(
        "has no meaning with jwks_file: nothing is fetched; keep one of the "
        "two");
    if (!issuer.discovery_url().empty()) add(".discovery_url", meaningless);
    if (!issuer.ca_file().empty()) add(".ca_file", meaningless);
    out.jwks_file = ResolvePath(path, issuer.jwks_file());
    add(".jwks_file", CheckJwks(out.jwks_file, spiffe));
    return out;
  }
  if (spiffe) {
    mistakes.Add(field + ".jwks_file",
                 "is needed: a trust domain serves no discovery document; name "
                 "the file of its bundle");
    return out;
  }
  out.discovery_url = issuer.discovery_url();
  if (out.discovery_url.empty()) {
    out.discovery_url = auth::DiscoveryUrlOf(issuer.issuer());
  } else {
    add(".discovery_url", CheckUrl(out.discovery_url, UrlSchemes::kHttps));
  }
  if (issuer.ca_file().empty()) return out;
  absl::StatusOr<CertificateFile> ca =
      ReadCertificateFile(ResolvePath(path, issuer.ca_file()));
  add(".ca_file", ca.status());
  if (ca.ok()) out.ca_pem = std::move(ca->pem);
  return out;
}

}  // namespace countersign::server
