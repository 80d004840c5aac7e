// "host:port" of a configuration as text that can be listened on. Syntax alone:
// nothing is resolved.
#ifndef COUNTERSIGN_SERVER_CONFIG_HOST_PORT_H_
#define COUNTERSIGN_SERVER_CONFIG_HOST_PORT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::server {

// OK for "127.0.0.1:8443", "[::1]:8443", "signer.example:0": an IPv4 address,
// an IPv6 address in brackets or a host name, and a port from 0 to 65535.
// INVALID_ARGUMENT says what is wrong.
absl::Status CheckHostPort(absl::string_view address);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_HOST_PORT_H_
