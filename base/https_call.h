// One HTTPS exchange with a server that is not ours: the keys of token issuers
// (server), logins and CI token endpoints (client). libcurl, used narrowly: TLS
// 1.2 or newer, verified always, no redirects, bounds on time and size, proxy
// from the environment (HTTPS_PROXY, NO_PROXY) but never for this machine
// itself. No cookies, no ~/.netrc. Registries have their own
// (client/oci/http_connection.h), with streams and kept connections.
#ifndef COUNTERSIGN_BASE_HTTPS_CALL_H_
#define COUNTERSIGN_BASE_HTTPS_CALL_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::base {

struct HttpsCall {
  std::string url;  // https only; http for a loopback address
  // Of a POST, application/x-www-form-urlencoded; a GET where it is empty.
  std::vector<std::pair<std::string, std::string>> form;
  // "authorization" and the like, lower case. Secrets stay out of errors. An
  // empty value leaves the header out.
  std::vector<std::pair<std::string, std::string>> headers;
  // PEM text of the CAs; empty: the system's.
  std::string ca_pem;
  absl::Duration timeout = absl::Seconds(10);  // of all of it
  size_t max_octets = 1 << 20;                 // of the answer
  // Asked about every 50 ms; true ends it with CANCELLED.
  std::function<bool()> interrupted = [] { return false; };
};

struct HttpsAnswer {
  int code = 0;
  // Lower-case names; values of one name joined by ", " (RFC 9110 5.3).
  std::map<std::string, std::string> headers;
  std::string body;
};

// Blocks. Any HTTP status is an answer, redirects too. UNAVAILABLE where there
// is none, with the URL's origin and the cause; its reason is CERTIFICATE,
// TOO_SLOW or NO_ANSWER. RESOURCE_EXHAUSTED (ANSWER_TOO_LONG): more than
// max_octets. INVALID_ARGUMENT: a URL that CheckHttpsUrl refuses, a header with
// control characters, CAs that are no certificates. Errors name the origin and
// never path, query, form or headers, as those may hold secrets.
absl::StatusOr<HttpsAnswer> CallHttps(const HttpsCall& call);

// Whether CallHttps would take that URL: https, or http to 127.0.0.0/8, [::1]
// or localhost; with a host and without user, password or fragment.
// INVALID_ARGUMENT says what is wrong. Pure.
absl::Status CheckHttpsUrl(absl::string_view url);

// "a=1&b=x%20y": `form` as it goes into a body or behind the "?" of a URL.
std::string FormEncode(
    const std::vector<std::pair<std::string, std::string>>& form);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_HTTPS_CALL_H_
