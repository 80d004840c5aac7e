// Key versions, existing keys and the times from which keys sign, between wire
// and domain. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_KEY_VERSION_H_
#define COUNTERSIGN_SERVER_CONVERT_KEY_VERSION_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/error.h"
#include "core/product.h"
#include "countersign/v1/resources.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace countersign::server {

v1::KeyVersion ToWire(const core::KeyVersion& key);

v1::ExistingKey ToWire(const core::ExistingKey& key);
// An id that is no hexadecimal goes to `violations`, under `path`; what needs
// the policy is the flow's to check.
core::ExistingKey FromWire(const v1::ExistingKey& key, const std::string& path,
                           std::vector<base::FieldViolation>* violations);

// The start_time of a key version to be. A violation where it is past, or
// further away than anybody plans: a year.
absl::Time StartTimeFromWire(const google::protobuf::Timestamp& start_time,
                             absl::Time now,
                             std::vector<base::FieldViolation>* violations);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_KEY_VERSION_H_
