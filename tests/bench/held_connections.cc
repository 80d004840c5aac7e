#include "tests/bench/held_connections.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace countersign::bench {
namespace {

constexpr std::chrono::seconds kHandshake{10};
// Idle is what nothing was heard of for this long.
constexpr absl::Duration kSettle = absl::Seconds(15);
// So many handshakes at a time: a burst of a thousand would measure that.
constexpr int kStartingAtOnce = 32;

}  // namespace

absl::StatusOr<HeldConnections> RunIdleLoad(const Target& target,
                                            int connections) {
  HeldConnections result;
  result.before = ReadProcessUsage(target.server_pid);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  while (result.connections < connections) {
    const int first = result.connections;
    while (static_cast<int>(channels.size()) < connections &&
           static_cast<int>(channels.size()) < first + kStartingAtOnce) {
      channels.push_back(OpenChannel(target));
      channels.back()->GetState(/*try_to_connect=*/true);
    }
    for (; result.connections < static_cast<int>(channels.size());
         ++result.connections) {
      if (!channels[result.connections]->WaitForConnected(
              std::chrono::system_clock::now() + kHandshake)) {
        return absl::UnavailableError(
            absl::StrCat("no connection ", result.connections + 1));
      }
    }
  }
  base::SleepFor(kSettle);
  result.open = ReadProcessUsage(target.server_pid);
  return result;
}

}  // namespace countersign::bench
