#include "tests/bench/sign_load.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/crc32c.h"
#include "base/random.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "tests/bench/latencies.h"
#include "tests/bench/process_usage.h"

namespace countersign::bench {
namespace {

namespace pb = ::countersign::v1;

// One simulated client; its address is the tag.
class Client {
 public:
  Client(const Target& target, const SignLoad& load, base::Random& random)
      : stub_(pb::SigningService::NewStub(OpenChannel(target))),
        load_(load),
        random_(random) {}

  void Start(grpc::CompletionQueue* queue) {
    const absl::Time now = absl::Now();
    request_.Clear();
    request_.set_parent(load_.operation);
    request_.set_request_id(base::MakeUuid7(now, random_));
    pb::SigningRequest& content = *request_.mutable_signing_request();
    content.set_hash_algorithm(pb::SHA256);
    for (int i = 0; i < load_.digests; ++i) {
      pb::LabelledDigest& digest = *content.add_digests();
      digest.set_label(absl::StrCat("artefact-", i));
      digest.set_value(random_.Bytes(32));
      digest.set_crc32c(base::Crc32c(digest.value()));
    }
    context_ = std::make_unique<grpc::ClientContext>();
    started_ = absl::Now();
    call_ = stub_->AsyncCreateSigningRequest(context_.get(), request_, queue);
    call_->Finish(&answer_, &status_, this);
  }

  // OK where the answer holds all signatures.
  absl::Status Check() const {
    if (!status_.ok()) {
      return absl::UnavailableError(absl::StrCat("the server answered ",
                                                 status_.error_code(), ": ",
                                                 status_.error_message()));
    }
    if (answer_.signatures_size() != load_.digests) {
      return absl::InternalError(
          absl::StrCat("an answer in state ", answer_.state(), " with ",
                       answer_.signatures_size(), " signatures"));
    }
    return absl::OkStatus();
  }
  absl::Duration latency() const { return absl::Now() - started_; }

 private:
  const std::unique_ptr<pb::SigningService::Stub> stub_;
  const SignLoad& load_;
  base::Random& random_;
  pb::CreateSigningRequestRequest request_;
  pb::SigningRequest answer_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::SigningRequest>> call_;
  absl::Time started_;
};

struct Snapshot {
  absl::Time time;
  ProcessUsage server;
  ProcessUsage client;
};

Snapshot TakeSnapshot(const Target& target) {
  return {absl::Now(), ReadProcessUsage(target.server_pid),
          ReadProcessUsage(getpid())};
}

// Takes maps by value: a name that is not there counts as 0.
double HsmShare(Snapshot before, Snapshot after) {
  const double hsm = after.server.thread_cpu_seconds["hsm"] -
                     before.server.thread_cpu_seconds["hsm"];
  const double all = after.server.cpu_seconds - before.server.cpu_seconds +
                     after.client.cpu_seconds - before.client.cpu_seconds;
  return all > 0 ? hsm / all : 0;
}

std::map<std::string, double> CpuForEach(const Snapshot& before,
                                         const Snapshot& after,
                                         double signatures) {
  std::map<std::string, double> us;
  for (const auto& [name, seconds] : after.server.thread_cpu_seconds) {
    us[name] = seconds;
  }
  for (const auto& [name, seconds] : before.server.thread_cpu_seconds) {
    us[name] -= seconds;
  }
  us["client"] = after.client.cpu_seconds - before.client.cpu_seconds;
  for (auto& [name, seconds] : us) seconds *= 1e6 / signatures;
  return us;
}

}  // namespace

absl::StatusOr<SignResult> RunSignLoad(const Target& target,
                                       const SignLoad& load) {
  // Cheap octets: the digests need not be unpredictable.
  base::FakeRandom random(
      static_cast<uint64_t>(absl::ToUnixNanos(absl::Now())));
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < load.clients; ++i) {
    clients.push_back(std::make_unique<Client>(target, load, random));
    clients.back()->Start(&queue);
  }

  absl::Status status;
  Latencies latencies;
  Snapshot before;
  Snapshot after;
  const absl::Time open = absl::Now() + load.warm_up;
  bool measuring = false;
  int under_way = load.clients;
  void* tag = nullptr;
  bool ok = false;
  while (under_way > 0 && queue.Next(&tag, &ok)) {
    Client& client = *static_cast<Client*>(tag);
    --under_way;
    if (absl::Status checked = client.Check(); !checked.ok()) {
      status.Update(checked);
      continue;
    }
    if (measuring && after.time == absl::Time()) {
      latencies.Add(client.latency());
    }
    const absl::Time now = absl::Now();
    if (!measuring && now >= open) {
      measuring = true;
      before = TakeSnapshot(target);
    } else if (measuring && after.time == absl::Time() &&
               now >= before.time + load.window) {
      after = TakeSnapshot(target);
    }
    if (status.ok() && after.time == absl::Time()) {
      client.Start(&queue);
      ++under_way;
    }
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (!status.ok()) return status;

  SignResult result;
  result.requests = static_cast<int64_t>(latencies.count());
  result.signatures_per_second =
      static_cast<double>(latencies.count()) * load.digests /
      absl::ToDoubleSeconds(after.time - before.time);
  result.p50_ms = latencies.Percentile(0.50);
  result.p99_ms = latencies.Percentile(0.99);
  result.hsm_share = HsmShare(before, after);
  result.cpu_us = CpuForEach(
      before, after, static_cast<double>(latencies.count()) * load.digests);
  return result;
}

}  // namespace countersign::bench
