// A resource of which people want one part, octets, in a file. Called by the
// commands of keys and authorities.
#ifndef COUNTERSIGN_CLIENT_CLI_RESOURCE_OUTPUT_H_
#define COUNTERSIGN_CLIENT_CLI_RESOURCE_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/cli/session.h"
#include "google/protobuf/message.h"

namespace countersign::client {

// `octets` to the file `output` or to standard output. With -o json the
// resource goes to standard output, and the octets only to a file that was
// named.
absl::Status WritePart(Session& session, const std::string& output,
                       const google::protobuf::Message& resource,
                       absl::string_view octets);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RESOURCE_OUTPUT_H_
