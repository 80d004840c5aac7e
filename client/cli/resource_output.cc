#include "client/cli/resource_output.h"

#include "client/cli/proto_json.h"

namespace countersign::client {

absl::Status WritePart(Session& session, const std::string& output,
                       const google::protobuf::Message& resource,
                       absl::string_view octets) {
  if (session.json()) session.PrintJson(ProtoJson(resource));
  if (session.json() && output.empty()) return absl::OkStatus();
  return session.WriteResult(output, octets);
}

}  // namespace countersign::client
