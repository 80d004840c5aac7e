// URLs of a configuration as text that can be called or written down. Syntax
// alone: nothing is resolved or fetched.
#ifndef COUNTERSIGN_SERVER_CONFIG_URL_CHECK_H_
#define COUNTERSIGN_SERVER_CONFIG_URL_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

enum class UrlSchemes {
  kHttps,  // and http for a loopback address, as base/https_call.h
  kAny,    // http or https, of any host: what is only named or is public
};

// OK for an absolute URL of at most 512 visible ASCII characters with a host,
// without user, query and fragment. INVALID_ARGUMENT says what is wrong.
absl::Status CheckUrl(absl::string_view url, UrlSchemes schemes);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_URL_CHECK_H_
