// Principals, approval rules, times: what several resources of the wire share.
// Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_IDENTITY_H_
#define COUNTERSIGN_SERVER_CONVERT_IDENTITY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/error.h"
#include "core/approval_rule.h"
#include "core/policy.h"
#include "core/principal.h"
#include "countersign/v1/resources.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace countersign::server {

google::protobuf::Timestamp ToWire(absl::Time time);
google::protobuf::Duration ToWire(absl::Duration duration);
// nullopt where it is outside what the wire defines (years 1 to 9999; nanos of
// another sign than the seconds).
std::optional<absl::Time> FromWire(const google::protobuf::Timestamp& time);
std::optional<absl::Duration> FromWire(
    const google::protobuf::Duration& duration);

v1::Principal ToWire(const core::Principal& principal);

v1::ApprovalRule ToWire(const core::ApprovalRule& rule);
// Defaults filled in: one approval where approval groups are named, the
// policy's expiry. What has no meaning goes to `violations`, under `path`.
core::ApprovalRule FromWire(const v1::ApprovalRule& rule,
                            const core::Policy& policy, const std::string& path,
                            std::vector<base::FieldViolation>* violations);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_IDENTITY_H_
