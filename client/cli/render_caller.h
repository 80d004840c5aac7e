// How the server sees us, as people read it: `whoami`. Pure; safe to show.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_CALLER_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_CALLER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "countersign/v1/identity_service.pb.h"

namespace countersign::client {

// `source`: what was sent, by Connection::DescribeIdentity.
std::string RenderCaller(const v1::Caller& caller, absl::string_view source,
                         absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_CALLER_H_
