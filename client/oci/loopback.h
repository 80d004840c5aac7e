// Whether a host is this machine itself, to which plain HTTP is safe. Only by
// its spelling: names are not resolved. Called by everything in this room that
// chooses between http and https. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_LOOPBACK_H_
#define COUNTERSIGN_CLIENT_OCI_LOOPBACK_H_

#include "absl/strings/string_view.h"

namespace countersign::client {

// 127.0.0.0/8 in four decimal parts, "[::1]", "localhost"; a ":PORT" is
// allowed.
bool IsLoopbackHost(absl::string_view host);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_LOOPBACK_H_
