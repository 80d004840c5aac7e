// One simulated client of a load: a connection, one call at a time.
#ifndef COUNTERSIGN_TESTS_BENCH_SIGN_CLIENT_H_
#define COUNTERSIGN_TESTS_BENCH_SIGN_CLIENT_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "countersign/v1/signing_service.grpc.pb.h"
#include "tests/bench/sign_load.h"
#include "tests/bench/target.h"

namespace countersign::bench {

// Single-thread. Its address is the tag of its operations, of which there is
// never more than one; it may die when none is under way.
class SignClient {
 public:
  // What the end of an operation meant.
  enum class Outcome { kSigned, kRefused, kWaited, kFailed };

  // All outlive it.
  SignClient(const Target& target, const SignLoad& load, base::Random& random);

  // Asks for the next signatures.
  void Ask(grpc::CompletionQueue* queue);
  // After a refusal: waits as long as our client would.
  void Wait(grpc::CompletionQueue* queue);
  // Call when the queue gave back the tag.
  Outcome End();

  // Of the last call, and how long it took.
  const absl::Status& status() const { return status_; }
  absl::Duration latency() const { return latency_; }

 private:
  void MakeRequest();

  const std::unique_ptr<v1::SigningService::Stub> stub_;
  const SignLoad& load_;
  base::Random& random_;
  v1::CreateSigningRequestRequest request_;
  v1::SigningRequest answer_;
  grpc::Status wire_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SigningRequest>> call_;
  grpc::Alarm alarm_;
  bool waiting_ = false;
  absl::Time started_;
  absl::Status status_;
  absl::Duration latency_;
};

}  // namespace countersign::bench

#endif  // COUNTERSIGN_TESTS_BENCH_SIGN_CLIENT_H_
