// The header Link (RFC 8288), as far as paging needs it. Called by
// http_registry.h. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_LINK_HEADER_H_
#define COUNTERSIGN_CLIENT_OCI_LINK_HEADER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

// The target with rel="next", absolute or relative; empty where there is none.
std::string NextLink(absl::string_view header);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_LINK_HEADER_H_
