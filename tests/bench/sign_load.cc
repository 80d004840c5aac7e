#include "tests/bench/sign_load.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "tests/bench/latencies.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/sign_client.h"

namespace countersign::bench {
namespace {

struct Snapshot {
  absl::Time time;
  ProcessUsage server;
  ProcessUsage client;
};

Snapshot TakeSnapshot(const Target& target) {
  return {absl::Now(), ReadProcessUsage(target.server_pid),
          ReadProcessUsage(getpid())};
}

// Of the server's threads between two snapshots, seconds.
std::map<std::string, double> CpuByThread(const Snapshot& before,
                                          const Snapshot& after) {
  std::map<std::string, double> seconds = after.server.thread_cpu_seconds;
  for (const auto& [name, start] : before.server.thread_cpu_seconds) {
    seconds[name] -= start;
  }
  return seconds;
}

// Those that sign and verify: "hsm-0", "hsm-1". Others of the module's threads
// have longer names.
constexpr char kSigningThreads[] = "hsm";

// The run between its first answer and its last.
class Run {
 public:
  Run(const Target& target, const SignLoad& load)
      : target_(target),
        load_(load),
        random_(static_cast<uint64_t>(absl::ToUnixNanos(absl::Now()))) {}

  absl::StatusOr<SignResult> Go() {
    for (int i = 0; i < load_.clients; ++i) {
      clients_.push_back(std::make_unique<SignClient>(target_, load_, random_));
      clients_.back()->Ask(&queue_);
    }
    opens_ = absl::Now() + load_.warm_up;
    int under_way = load_.clients;
    void* tag = nullptr;
    bool ok = false;
    while (under_way > 0 && queue_.Next(&tag, &ok)) {
      if (!Next(*static_cast<SignClient*>(tag))) --under_way;
    }
    queue_.Shutdown();
    while (queue_.Next(&tag, &ok)) {
    }
    if (!status_.ok()) return status_;
    return Result();
  }

 private:
  bool measuring() const { return before_.has_value() && !after_.has_value(); }

  // One operation of `client` has ended; false where none follows.
  bool Next(SignClient& client) {
    const SignClient::Outcome outcome = client.End();
    if (outcome == SignClient::Outcome::kFailed) {
      status_.Update(client.status());
      return false;
    }
    if (measuring()) {
      if (outcome == SignClient::Outcome::kSigned) {
        latencies_.Add(client.latency());
      }
      if (outcome == SignClient::Outcome::kRefused) ++refusals_;
    }
    const absl::Time now = absl::Now();
    if (!before_.has_value() && now >= opens_) {
      before_ = TakeSnapshot(target_);
    } else if (measuring() && now >= before_->time + load_.window) {
      after_ = TakeSnapshot(target_);
    }
    if (!status_.ok() || after_.has_value()) return false;
    if (outcome == SignClient::Outcome::kRefused &&
        load_.on_refusal == OnRefusal::kWait) {
      client.Wait(&queue_);
    } else {
      client.Ask(&queue_);
    }
    return true;
  }

  SignResult Result() {
    const double seconds = absl::ToDoubleSeconds(after_->time - before_->time);
    const double signatures =
        static_cast<double>(latencies_.count()) * load_.digests;
    const double client_cpu =
        after_->client.cpu_seconds - before_->client.cpu_seconds;
    const double all =
        after_->server.cpu_seconds - before_->server.cpu_seconds + client_cpu;
    SignResult result;
    result.requests = static_cast<int64_t>(latencies_.count());
    result.signatures_per_second = signatures / seconds;
    result.refusals_per_second = static_cast<double>(refusals_) / seconds;
    result.p50_ms = latencies_.Percentile(0.50);
    result.p99_ms = latencies_.Percentile(0.99);
    double hsm = 0;
    for (const auto& [name, cpu] : CpuByThread(*before_, *after_)) {
      if (name == kSigningThreads) hsm += cpu;
      if (signatures > 0) result.cpu_us[name] = cpu * 1e6 / signatures;
    }
    result.hsm_share = all > 0 ? hsm / all : 0;
    if (signatures > 0) result.cpu_us["client"] = client_cpu * 1e6 / signatures;
    result.threads = after_->server.threads;
    result.rss_kib = after_->server.rss_kib;
    return result;
  }

  const Target& target_;
  const SignLoad& load_;
  // Cheap octets: the digests need not be unpredictable.
  base::FakeRandom random_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<SignClient>> clients_;
  absl::Time opens_;
  std::optional<Snapshot> before_;
  std::optional<Snapshot> after_;
  Latencies latencies_;
  int64_t refusals_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<SignResult> RunSignLoad(const Target& target,
                                       const SignLoad& load) {
  return Run(target, load).Go();
}

}  // namespace countersign::bench
