// Resources as JSON: protobuf's mapping, lowerCamelCase names, enums by name,
// octets in base64. Pure. Called by the commands for -o json.
#ifndef COUNTERSIGN_CLIENT_CLI_PROTO_JSON_H_
#define COUNTERSIGN_CLIENT_CLI_PROTO_JSON_H_

#include <string>

#include "base/json.h"
#include "google/protobuf/message.h"

namespace countersign::client {

// Null where protobuf cannot write it (a string that is not UTF-8).
base::Json ProtoJson(const google::protobuf::Message& message);

// {"<name>": [...]}.
template <typename Messages>
base::Json ProtoJsonList(const std::string& name, const Messages& messages) {
  base::Json::Array array;
  for (const auto& message : messages) array.push_back(ProtoJson(message));
  return base::Json::Object{{name, std::move(array)}};
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_PROTO_JSON_H_
