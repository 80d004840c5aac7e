#include "client/cli/proto_json.h"

#include "google/protobuf/util/json_util.h"

namespace countersign::client {

base::Json ProtoJson(const google::protobuf::Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) {
    return base::Json();
  }
  base::JsonLimits limits;
  limits.max_bytes = 256 << 20;
  const auto json = base::ParseJson(text, limits);
  return json.ok() ? *json : base::Json();
}

}  // namespace countersign::client
