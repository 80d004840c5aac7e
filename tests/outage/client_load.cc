#include "tests/outage/client_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/crc32c.h"
#include "base/random.h"
#include "base/signature_verifier.h"
#include "countersign/v1/signing_service.grpc.pb.h"

namespace countersign::outage {
namespace {

namespace pb = ::countersign::v1;

// Between two tries of one request.
constexpr absl::Duration kAgain = absl::Milliseconds(20);
// After which a request that is not signed is an error.
constexpr absl::Duration kPatience = absl::Minutes(2);

}  // namespace

// One client with a connection of its own, for one thread.
class ClientLoad::Client {
 public:
  explicit Client(ClientLoad& load)
      : load_(load),
        stub_(pb::SigningService::NewStub(
            bench::OpenChannel(load.options_.target))),
        verifier_(base::SignatureVerifier::Create(
            load.options_.spki, base::SignatureScheme::kEcdsa, "SHA256")) {}

  void SignOne() {
    pb::CreateSigningRequestRequest request;
    request.set_parent(load_.options_.operation);
    request.set_request_id(base::MakeUuid7(base::SystemClock().Now(), random_));
    pb::SigningRequest& content = *request.mutable_signing_request();
    content.set_hash_algorithm(pb::SHA256);
    pb::LabelledDigest& digest = *content.add_digests();
    digest.set_label("artefact");
    digest.set_value(random_.Bytes(32));
    digest.set_crc32c(base::Crc32c(digest.value()));

    const absl::Duration until = base::SteadyNow() + kPatience;
    while (!Try(request)) {
      if (base::SteadyNow() > until) {
        Note("not signed within two minutes");
        return;
      }
      base::SleepFor(kAgain);
    }
  }

 private:
  // True where there is nothing left to try.
  bool Try(const pb::CreateSigningRequestRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(40));
    pb::SigningRequest answer;
    const grpc::Status status =
        stub_->CreateSigningRequest(&context, request, &answer);
    if (status.ok() && answer.signatures_size() == 1) {
      Settle(request, answer);
      return true;
    }
    // What a try before this one left standing is found again; the server signs
    // it by itself.
    const bool stands =
        status.ok() && answer.state() == pb::SigningRequest::APPROVED;
    if (stands || status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      base::MutexLock lock(load_.mutex_);
      ++load_.tally_.refusals;
      return false;
    }
    Note(absl::StrCat("code ", status.error_code(), " state ", answer.state(),
                      ": ", status.error_message()));
    return true;
  }

  void Settle(const pb::CreateSigningRequestRequest& request,
              const pb::SigningRequest& answer) {
    const bool good = verifier_.ok() &&
                      verifier_
                          ->Verify(request.signing_request().digests(0).value(),
                                   answer.signatures(0).value())
                          .ok();
    const absl::Duration now = base::SteadyNow();
    base::MutexLock lock(load_.mutex_);
    ++load_.tally_.signatures;
    if (!good) ++load_.tally_.wrong;
    if (!load_.tally_.signed_names.insert(answer.name()).second) {
      ++load_.tally_.doubled;
    }
    if (now >= load_.since_) {
      load_.first_ = std::min(load_.first_, now);
    }
    load_.changed_.SignalAll();
  }

  void Note(const std::string& error) {
    base::MutexLock lock(load_.mutex_);
    ++load_.tally_.other_errors[error];
  }

  ClientLoad& load_;
  base::SystemRandom random_;
  const std::unique_ptr<pb::SigningService::Stub> stub_;
  absl::StatusOr<base::SignatureVerifier> verifier_;
};

ClientLoad::ClientLoad(ClientLoadOptions options)
    : options_(std::move(options)) {
  for (int i = 0; i < options_.clients; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

ClientLoad::~ClientLoad() { Stop(); }

void ClientLoad::Run() {
  Client client(*this);
  while (true) {
    {
      base::MutexLock lock(mutex_);
      if (stopping_) return;
      ++tally_.requests;
    }
    client.SignOne();
    base::SleepFor(options_.pause);
  }
}

bool ClientLoad::AwaitSigned(int64_t count, absl::Duration patience) {
  const absl::Duration until = base::SteadyNow() + patience;
  base::MutexLock lock(mutex_);
  const int64_t wanted = tally_.signatures + count;
  while (tally_.signatures < wanted && base::SteadyNow() < until) {
    changed_.WaitFor(mutex_, absl::Seconds(1));
  }
  return tally_.signatures >= wanted;
}

absl::Duration ClientLoad::AwaitFirstSince(absl::Duration since,
                                           absl::Duration patience) {
  base::MutexLock lock(mutex_);
  since_ = since;
  first_ = absl::InfiniteDuration();
  while (first_ == absl::InfiniteDuration() &&
         base::SteadyNow() < since + patience) {
    changed_.WaitFor(mutex_, absl::Seconds(1));
  }
  return first_;
}

ClientTally ClientLoad::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  base::MutexLock lock(mutex_);
  return tally_;
}

}  // namespace countersign::outage
