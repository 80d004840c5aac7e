// What approvers should read about the octets that cosign has signed: a
// simple-signing payload (an image), a DSSE pre-authentication encoding of an
// in-toto statement (an image in the new format, an attestation), or just a
// blob. Says what the octets are, not whether they are true. Pure. Called by
// kms_methods.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_PAYLOAD_DESCRIPTION_H_
#define COUNTERSIGN_CLIENT_PLUGINS_PAYLOAD_DESCRIPTION_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

// Within the server's limits: label to 256 octets, description to 3000, values
// to 1024, UTF-8, fewer than 30 entries.
struct PayloadDescription {
  std::string description;
  std::string label;
  std::map<std::string, std::string> context;
};

// `payload` is empty where it was too large to keep; `size` is what was read.
PayloadDescription DescribePayload(absl::string_view payload, uint64_t size);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_PAYLOAD_DESCRIPTION_H_
