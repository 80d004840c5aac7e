// Why a gRPC server could not listen: the library says no more than that it did
// not. Asked after the failure, for the one line that main prints.
#ifndef COUNTERSIGN_SERVER_LISTEN_PROBLEM_H_
#define COUNTERSIGN_SERVER_LISTEN_PROBLEM_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::server {

// Binds to `address` ("host:port") by itself: the operating system's word where
// that fails too ("Address already in use"), otherwise what else it can be: the
// certificate and its key. Blocks while a host name is resolved.
std::string ListenProblem(absl::string_view address);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_LISTEN_PROBLEM_H_
