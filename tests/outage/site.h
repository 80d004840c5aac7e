// What an outage run sees of the server besides its load: requests that people
// agree to, health, and the record.
#ifndef COUNTERSIGN_TESTS_OUTAGE_SITE_H_
#define COUNTERSIGN_TESTS_OUTAGE_SITE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/target.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace countersign::outage {

// A request of `ci` that `approver` has agreed to, while the HSM is away.
// Blocks. The name of the request.
absl::StatusOr<std::string> AskAndAgree(grpc::Channel& ci,
                                        grpc::Channel& approver,
                                        const std::string& operation);

// OK once the request is SIGNED, without anybody doing anything.
absl::Status AwaitSigned(grpc::Channel& ci, const std::string& name,
                         absl::Duration patience);

// Waits until every one of `services` answers so (grpc.health.v1).
absl::Status AwaitHealth(grpc::Channel& channel,
                         const std::vector<std::string>& services, bool serving,
                         absl::Duration patience);

struct RecordSummary {
  int64_t created = 0;
  int64_t signed_once = 0;
  int64_t resumed = 0;      // tries after the first
  int64_t interrupted = 0;  // tries whose outcome is unknown
};

// Reads the whole record as `auditor`: every request was signed exactly once,
// after it was created and, where it was tried again, after the intent to; none
// failed; and those that clients hold signatures of are among them.
absl::StatusOr<RecordSummary> CheckRecord(
    grpc::Channel& auditor, const std::set<std::string>& signed_names);

}  // namespace countersign::outage

#endif  // COUNTERSIGN_TESTS_OUTAGE_SITE_H_
