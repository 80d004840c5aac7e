// One HTTP client over libcurl: a request, its answer, bounds on everything.
// It knows nothing of registries: no redirects, logins or second tries; those
// are registry_session.h's. Never reads ~/.netrc; proxies are curl's own
// (http_proxy, HTTPS_PROXY, NO_PROXY), but never for this machine itself.
#ifndef COUNTERSIGN_CLIENT_OCI_HTTP_CONNECTION_H_
#define COUNTERSIGN_CLIENT_OCI_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/oci/registry.h"
#include "client/oci/url.h"

namespace countersign::client {

struct HttpConnectionOptions {
  std::string user_agent = "countersign";
  std::string ca_file;  // PEM; empty: the system's
  absl::Duration connect_timeout = absl::Seconds(15);
  // Less than 1 KiB/s for so long ends a transfer. Whole seconds.
  absl::Duration stall_timeout = absl::Minutes(2);
  // For a whole exchange without `source` or `sink`.
  absl::Duration answer_timeout = absl::Minutes(2);
};

constexpr size_t kMaxErrorBody = 64 << 10;

struct HttpRequest {
  std::string method = "GET";  // GET, HEAD, POST, PUT
  Url url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;                  // for POST and PUT without `source`
  BlobSource source;                 // streamed body of `source_size` octets
  uint64_t source_size = 0;
  BlobSink sink;  // takes the body of a 2xx answer; else it is kept
  // Of a 2xx body that is kept; more is INVALID_ARGUMENT (BODY_TOO_LARGE).
  size_t max_body = kMaxErrorBody;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // lower-case names
  std::string body;  // of errors, the first kMaxErrorBody octets

  bool ok() const { return status >= 200 && status < 300; }
  // The last one of that lower-case name; empty where there is none.
  std::string Header(absl::string_view name) const;
};

// One connection that is kept between requests. Thread-compatible.
class HttpConnection {
 public:
  // INVALID_ARGUMENT where libcurl cannot be set up so.
  static absl::StatusOr<std::unique_ptr<HttpConnection>> Create(
      const HttpConnectionOptions& options);
  ~HttpConnection();

  // Blocks. UNAVAILABLE says why there is no answer: TLS_NOT_SPOKEN,
  // CERTIFICATE, TOO_SLOW, or NO_ANSWER for anything else. INVALID_ARGUMENT:
  // BODY_TOO_LARGE, CA_FILE. Errors of source and sink come through as they
  // are.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

 private:
  class Handle;  // libcurl's
  explicit HttpConnection(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_HTTP_CONNECTION_H_
