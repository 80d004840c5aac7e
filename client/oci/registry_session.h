// Requests to one repository of one registry: http or https, logins, redirects,
// second tries. What the answers mean is http_registry.h's.
#ifndef COUNTERSIGN_CLIENT_OCI_REGISTRY_SESSION_H_
#define COUNTERSIGN_CLIENT_OCI_REGISTRY_SESSION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/oci/credential.h"
#include "client/oci/http_connection.h"
#include "client/oci/image_reference.h"
#include "client/oci/registry_login.h"
#include "client/oci/retry_pause.h"
#include "client/oci/url.h"

namespace countersign::client {

struct RegistryRequest {
  HttpRequest http;    // its url is set by Send
  std::string target;  // "/v2/..." or what a Location said
  RegistryAccess access = RegistryAccess::kPull;
  // Blobs may lie elsewhere: follows redirects to other hosts, without login.
  bool may_leave = false;
};

struct RegistrySessionOptions {
  HttpConnectionOptions connection;
  bool allow_plain_http = false;
  CredentialLookup credentials;
};

// Thread-compatible.
class RegistrySession {
 public:
  // Reaches nobody yet. INVALID_ARGUMENT
  // (PLAIN_HTTP_REFUSED).
  static absl::StatusOr<std::unique_ptr<RegistrySession>> Create(
      const RegistrySessionOptions& options, const ImageReference& reference,
      const RetryPause& pause);

  // The answer, whatever its status but 401. Blocks. GET and HEAD are tried up
  // to three times more after 5xx and when nobody answered, and after 429 where
  // Retry-After is ten seconds or less. Errors as registry.h has them.
  absl::StatusOr<HttpResponse> Send(const RegistryRequest& request);

 private:
  RegistrySession(const RegistrySessionOptions& options,
                  const ImageReference& reference, const RetryPause& pause,
                  std::unique_ptr<HttpConnection> connection);

  // https first where both are allowed and the reference says neither.
  absl::Status ChooseScheme();
  absl::StatusOr<HttpResponse> SendOnce(const RegistryRequest& request);
  absl::StatusOr<HttpResponse> SendWithLogin(HttpRequest& http,
                                             RegistryAccess access);
  // Whether another try could end better than this one.
  bool MayTryAgain(const absl::StatusOr<HttpResponse>& response) const;
  absl::StatusOr<HttpResponse> Exchange(const HttpRequest& http);
  absl::StatusOr<Url> NextUrl(const Url& from, const HttpResponse& response,
                              bool may_leave) const;

  const std::string host_;
  const std::string where_;  // HOST/REPOSITORY
  const bool may_be_plain_;
  const RetryPause pause_;
  std::unique_ptr<HttpConnection> connection_;
  RegistryLogin login_;
  std::string scheme_;   // empty until it is known
  std::string failure_;  // why the last exchange had no answer, else empty
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_REGISTRY_SESSION_H_
