// One HTTP/1.1 call to a plugin's socket, as the OCM CLI makes it. Tests only.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_TEST_HTTP_CALL_H_
#define COUNTERSIGN_CLIENT_PLUGINS_TEST_HTTP_CALL_H_

#include <string>

#include "absl/status/statusor.h"

namespace countersign::client {

// `address` as the plugin prints it: "http+unix://PATH" or
// "http://127.0.0.1:PORT". A connected descriptor; who calls closes it.
absl::StatusOr<int> ConnectToPlugin(const std::string& address);

// Sends `octets` and returns everything that comes until the other side closes.
absl::StatusOr<std::string> Exchange(const std::string& address,
                                     const std::string& octets);

// "POST /sign" with a body, as Go's client writes it.
std::string CallText(const std::string& method, const std::string& target,
                     const std::string& body, const std::string& authorization);

// The code of an answer; 0 where it is none. And what follows its header.
int CodeOf(const std::string& answer);
std::string BodyOf(const std::string& answer);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_TEST_HTTP_CALL_H_
