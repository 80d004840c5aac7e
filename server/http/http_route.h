// Which thing of the door a request names, by its method and path alone, before
// anybody asks who is calling. Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_ROUTE_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_ROUTE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/algorithms.h"
#include "core/names.h"
#include "server/http/http_message.h"

namespace countersign::server {

// What the configuration says about paths.
struct HttpPaths {
  // For /sign/... without an operation before it.
  std::optional<core::OperationName> default_operation;
  // A path of the site's own ("/k/release") before /sign/...
  std::map<std::string, core::OperationName> aliases;
};

// kOther: nothing that is here.
enum class HttpKind { kSign, kHealth, kReady, kCrl, kOther };
absl::string_view ToString(HttpKind kind);  // "sign"; a metric's label

struct HttpRoute {
  HttpKind kind = HttpKind::kOther;
  // kSign where `refusal` is empty:
  core::OperationName operation;
  core::SignatureAlgorithm algorithm =
      core::SignatureAlgorithm::kRsassaPkcs1V15;
  std::string query;      // after "?", as sent
  std::string authority;  // kCrl: whose list
  // 400, 404 or 405: there is nothing to do.
  std::optional<HttpAnswer> refusal;
};

HttpRoute FindRoute(absl::string_view method, absl::string_view target,
                    const HttpPaths& paths);

// %XX as octets, with `plus_is_space` also "+" as a blank (how forms and Go
// write queries). INVALID_ARGUMENT names a broken %XX.
absl::StatusOr<std::string> PercentDecode(absl::string_view text,
                                          bool plus_is_space);

// A path that an alias may be: "/k/release". INVALID_ARGUMENT says why not.
absl::Status CheckAliasPath(absl::string_view path);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_ROUTE_H_
