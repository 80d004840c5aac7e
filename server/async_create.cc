#include "server/async_create.h"

#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/random.h"
#include "core/errors.h"
#include "core/flows.h"
#include "server/caller_credentials.h"
#include "server/convert/signing_request.h"
#include "server/handlers/lookup.h"

namespace countersign::server {

void AsyncCreate::Listen(const HandlerParts& parts, SigningHandler& service,
                         grpc::ServerCompletionQueue& queue) {
  auto* call = new AsyncCreate(parts, service, queue);
  BeforeOperation(&call->arrived_);
  service.RequestCreateSigningRequest(&call->context_, &call->request_,
                                      &call->writer_, &queue, &queue,
                                      &call->arrived_);
}

AsyncCreate::AsyncCreate(const HandlerParts& parts, SigningHandler& service,
                         grpc::ServerCompletionQueue& queue)
    : parts_(parts), service_(service), queue_(queue), writer_(&context_) {}

void AsyncCreate::OnEnd(int operation, bool ok) {
  if (operation == kFinished || !ok) {
    // Answered, or the server is going down and no call came.
    delete this;
    return;
  }
  Listen(parts_, service_, queue_);
  Handle();
}

void AsyncCreate::Handle() {
  call_ = parts_.desk.Open("CreateSigningRequest", request_.parent());
  const absl::Status admitted =
      parts_.desk.Admit(CredentialsOf(context_), call_);
  if (!admitted.ok()) return Refuse(admitted);
  absl::StatusOr<core::CreateRequest> input = FromWire(request_);
  if (!input.ok()) return Refuse(CheckMayAsk(input.status()));
  input->caller = call_.caller;
  input->new_id = base::MakeUuid7(parts_.clock.Now(), parts_.random);
  parts_.pipeline.Run(
      core::MakeCreateRequestFlow(*std::move(input)),
      [this](core::Answer answer) { Answer(std::move(answer)); }, Deadline());
}

absl::Time AsyncCreate::Deadline() const {
  // In the server's time, which a test may have set.
  return parts_.clock.Now() +
         (absl::FromChrono(context_.deadline()) - base::SystemClock().Now());
}

absl::Status AsyncCreate::CheckMayAsk(const absl::Status& conversion) const {
  const auto parent = core::OperationName::Parse(request_.parent());
  if (!parent.ok()) return conversion;
  const auto product = SeeProduct(parts_, call_, parent->product);
  if (!product.ok() && !absl::IsNotFound(product.status())) {
    return product.status();
  }
  const core::Operation* operation =
      product.ok() ? (*product)->FindOperation(parent->operation) : nullptr;
  if (operation == nullptr) return core::error::NotFound(parent->Format());
  if (!operation->rule.MayAsk(call_.caller)) {
    return core::error::PermissionDenied(
        call_.caller.subject, "ask for signatures", parent->Format());
  }
  return conversion;
}

void AsyncCreate::Refuse(const absl::Status& status) {
  if (absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
      absl::IsUnauthenticated(status)) {
    parts_.desk.Deny(call_, status,
                     [this](const absl::Status& told) { Finish(told); });
    return;
  }
  Finish(status);
}

void AsyncCreate::Answer(core::Answer answer) {
  if (answer.ok()) {
    response_ = Shown(parts_, std::get<core::SigningRequest>(*answer));
  }
  Finish(answer.status());
}

void AsyncCreate::Finish(const absl::Status& status) {
  const grpc::Status wire = parts_.desk.Close(call_, status);
  BeforeOperation(&finished_);
  if (wire.ok()) {
    writer_.Finish(response_, wire, &finished_);
  } else {
    writer_.FinishWithError(wire, &finished_);
  }
}

}  // namespace countersign::server
