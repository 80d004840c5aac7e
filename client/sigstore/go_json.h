// JSON as Go's encoding/json writes it: on one line, members in the order
// given, and "<", ">", "&", U+2028 and U+2029 as \u escapes. What cosign writes
// is compared by octets and hashed, so ours is the same. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_GO_JSON_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_GO_JSON_H_

#include <string>

#include "base/json.h"

namespace countersign::client {

std::string GoJson(const base::Json& value);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_GO_JSON_H_
