// URLs of registries: taken apart, and a Location or Link resolved against the
// address that sent it (RFC 3986 5), by libcurl's own parser, so that what is
// compared here is what is connected to. Called by everything that speaks HTTP
// in this room. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_URL_H_
#define COUNTERSIGN_CLIENT_OCI_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, with ":PORT" unless it is the scheme's own
  std::string path;    // begins with "/"
  std::string query;   // without "?"

  std::string Origin() const { return scheme + "://" + host; }
  std::string Format() const;
  // Adds NAME=VALUE, with VALUE percent-encoded.
  void AddQuery(absl::string_view name, absl::string_view value);
};

// Absolute, http or https, without user or password; a fragment is dropped.
// INVALID_ARGUMENT without a reason: the caller knows whose it was.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

// `location` as `base` means it, absolute or relative.
absl::StatusOr<Url> ResolveUrl(const Url& base, absl::string_view location);

// Percent-encodes all but RFC 3986's unreserved characters.
std::string UrlEncode(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_URL_H_
