#include "tests/bench/sign_client.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/crc32c.h"
#include "client/api/retry.h"
#include "client/api/rpc_status.h"

namespace countersign::bench {

SignClient::SignClient(const Target& target, const SignLoad& load,
                       base::Random& random)
    : stub_(v1::SigningService::NewStub(OpenChannel(target))),
      load_(load),
      random_(random) {}

void SignClient::MakeRequest() {
  request_.Clear();
  request_.set_parent(load_.operation);
  request_.set_request_id(base::MakeUuid7(absl::Now(), random_));
  v1::SigningRequest& content = *request_.mutable_signing_request();
  content.set_hash_algorithm(v1::SHA256);
  for (int i = 0; i < load_.digests; ++i) {
    v1::LabelledDigest& digest = *content.add_digests();
    digest.set_label(absl::StrCat("artefact-", i));
    digest.set_value(random_.Bytes(32));
    digest.set_crc32c(base::Crc32c(digest.value()));
  }
}

void SignClient::Ask(grpc::CompletionQueue* queue) {
  // A refused request is asked for again as it was.
  if (status_.ok()) MakeRequest();
  context_ = std::make_unique<grpc::ClientContext>();
  if (load_.next_token != nullptr) {
    context_->AddMetadata("authorization",
                          absl::StrCat("Bearer ", load_.next_token()));
  }
  started_ = absl::Now();
  call_ = stub_->AsyncCreateSigningRequest(context_.get(), request_, queue);
  call_->Finish(&answer_, &wire_, this);
}

void SignClient::Wait(grpc::CompletionQueue* queue) {
  const double chance = static_cast<unsigned char>(random_.Bytes(1)[0]) / 256.0;
  const absl::Duration pause =
      client::RetryDelay(client::RetryPolicy(), 1, status_, chance)
          .value_or(absl::ZeroDuration());
  waiting_ = true;
  alarm_.Set(queue, absl::ToChronoTime(absl::Now() + pause), this);
}

SignClient::Outcome SignClient::End() {
  if (waiting_) {
    waiting_ = false;
    return Outcome::kWaited;
  }
  latency_ = absl::Now() - started_;
  status_ = client::FromGrpcStatus(wire_);
  if (status_.ok() && answer_.signatures_size() != load_.digests) {
    status_ = absl::InternalError(
        absl::StrCat("an answer in state ", answer_.state(), " with ",
                     answer_.signatures_size(), " signatures"));
  }
  if (status_.ok()) return Outcome::kSigned;
  return absl::IsResourceExhausted(status_) &&
                 load_.on_refusal != OnRefusal::kEnd
             ? Outcome::kRefused
             : Outcome::kFailed;
}

}  // namespace countersign::bench
