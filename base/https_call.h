// One HTTPS exchange with a server that is not ours: the keys of token issuers
// (server), logins and CI token endpoints (client). libcurl, used narrowly: TLS
// verified always, no redirects, bounds on time and size, proxy from the
// environment (HTTPS_PROXY, NO_PROXY). Registries have their own
// (client/oci/http_connection.h), with streams and redirects.
#ifndef COUNTERSIGN_BASE_HTTPS_CALL_H_
#define COUNTERSIGN_BASE_HTTPS_CALL_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace countersign::base {

struct HttpsCall {
  std::string url;  // https only; http for a loopback address
  // Of a POST, application/x-www-form-urlencoded; a GET where it is empty.
  std::vector<std::pair<std::string, std::string>> form;
  // "authorization" and the like, lower case. Secrets stay out of errors.
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
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

// Blocks. Any HTTP status is an answer. UNAVAILABLE where there is none (name,
// connection, TLS, time), with the URL's origin and the cause; INVALID_ARGUMENT
// for a URL that is not https; RESOURCE_EXHAUSTED where the answer is too long.
absl::StatusOr<HttpsAnswer> CallHttps(const HttpsCall& call);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_HTTPS_CALL_H_
