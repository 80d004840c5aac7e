#include "server/http/sign_call.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "core/flows.h"
#include "server/grpc_status.h"
#include "server/handlers/lookup.h"
#include "server/http/request_history.h"
#include "server/http/sign_answer.h"

namespace countersign::server {
namespace {

// In records of refusals: the right that was asked for, whatever the door.
constexpr char kMethod[] = "CreateSigningRequest";
// How soon somebody should try again for whom people have not decided yet, and
// who found no room to wait.
constexpr absl::Duration kRetryAfterBound = absl::Seconds(1);
constexpr absl::Duration kRetryWhenFull = absl::Seconds(30);
// As other servers count a caller that hung up.
constexpr int kHungUp = 499;

}  // namespace

SignCall::SignCall(SignCallParts& parts, HttpRoute route, HttpRequest request,
                   HttpDone done)
    : parts_(parts),
      route_(std::move(route)),
      request_(std::move(request)),
      done_(std::move(done)) {}

SignCall::~SignCall() { StopWaiting(); }

void SignCall::Start(CallerCredentials credentials) {
  const std::string resource =
      route_.refusal.has_value() ? "" : route_.operation.Format();
  call_ = parts_.handlers.desk.Open(kMethod, resource);
  absl::Status status =
      parts_.handlers.desk.Admit(std::move(credentials), call_);
  if (!status.ok()) return Refuse(status);
  // Who may not ask is told nothing of what is wrong with the question.
  if (route_.refusal.has_value()) {
    return Finish(*route_.refusal, absl::OkStatus());
  }
  status = LookUpOperation();
  if (!status.ok()) return Refuse(status);
  status = ReadInput();
  if (status.ok()) status = FindOrCreate();
  if (!status.ok()) Fail(status);
}

absl::Status SignCall::LookUpOperation() {
  const auto product =
      SeeProduct(parts_.handlers, call_, route_.operation.product);
  if (!product.ok() && !absl::IsNotFound(product.status())) {
    return product.status();
  }
  const core::Operation* operation =
      product.ok() ? (*product)->FindOperation(route_.operation.operation)
                   : nullptr;
  if (operation == nullptr) {
    return core::error::NotFound(route_.operation.Format());
  }
  if (!operation->rule.MayAsk(call_.caller)) {
    return core::error::PermissionDenied(
        call_.caller.subject, "ask for signatures", route_.operation.Format());
  }
  return absl::OkStatus();
}

absl::Status SignCall::ReadInput() {
  ASSIGN_OR_RETURN(order_, ReadOrder(route_, request_));
  // It was there a moment ago.
  ASSIGN_OR_RETURN(
      const ProductSnapshot product,
      SeeProduct(parts_.handlers, call_, route_.operation.product));
  const core::Operation* operation =
      product->FindOperation(route_.operation.operation);
  if (operation == nullptr) {
    return core::error::NotFound(route_.operation.Format());
  }
  format_ = ChooseFormat(order_, *operation);
  order_.content.encoding = format_ == AnswerFormat::kPem
                                ? core::SignatureEncoding::kPem
                                : core::SignatureEncoding::kRaw;
  return absl::OkStatus();
}

absl::Status SignCall::FindOrCreate() {
  ASSIGN_OR_RETURN(
      const LastRequest last,
      FindLast(call_.caller, order_.content,
               [this](const std::string& id) { return FindById(id); }));
  if (!last.request.has_value() ||
      !StillAnswers(*last.request, parts_.handlers.clock.Now(),
                    parts_.answer_window)) {
    Create(last.number + 1);
  } else if (core::IsTerminal(last.request->state)) {
    name_ = last.request->name;
    Conclude(*last.request);
  } else {
    Await(last.request->name);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<core::SigningRequest>> SignCall::FindById(
    const std::string& request_id) const {
  core::RequestQuery query;
  query.limit = 1;
  query.requester_subject = call_.caller.subject;
  query.requester_issuer = call_.caller.issuer;
  query.request_id = request_id;
  ASSIGN_OR_RETURN(auto page, parts_.handlers.store.ListRequests(query));
  if (page.items.empty()) return std::optional<core::SigningRequest>();
  return std::optional<core::SigningRequest>(std::move(page.items[0]));
}

void SignCall::Create(int number) {
  core::CreateRequest input;
  input.caller = call_.caller;
  input.content = order_.content;
  input.request_id = HttpRequestId(call_.caller, order_.content, number);
  input.new_id =
      base::MakeUuid7(parts_.handlers.clock.Now(), parts_.handlers.random);
  parts_.handlers.pipeline.Run(
      core::MakeCreateRequestFlow(std::move(input)),
      [self = shared_from_this()](core::Answer answer) {
        self->parts_.post(
            [self, answer = std::make_shared<core::Answer>(std::move(answer))] {
              self->OnCreated(std::move(*answer));
            });
      });
}

void SignCall::OnCreated(core::Answer answer) {
  if (done_ == nullptr) return;
  if (answer.ok()) {
    const auto& request = std::get<core::SigningRequest>(*answer);
    name_ = request.name;
    return core::IsTerminal(request.state) ? Conclude(request)
                                           : Await(request.name);
  }
  // Agreed to, recorded, and signed when the token is back: worth waiting for.
  const auto details = base::GetErrorDetails(answer.status());
  if (details.has_value() && details->reason == "SIGNER_UNAVAILABLE") {
    const auto resource = details->metadata.find("resource");
    if (resource != details->metadata.end()) {
      const auto name = core::RequestName::Parse(resource->second);
      if (name.ok()) return Await(*name);
    }
  }
  Fail(answer.status());  // the flow has recorded what is to be recorded
}

void SignCall::Await(const core::RequestName& name) {
  name_ = name;
  const bool waits = StartWaiting();
  auto now = SeeRequest(parts_.handlers, call_, name);
  if (!now.ok()) return Fail(now.status());
  const auto snapshot =
      std::make_shared<const core::SigningRequest>(*std::move(now));
  if (waits || core::IsTerminal(snapshot->state)) return OnChange(snapshot);
  Finish(StillWaitingAnswer(*snapshot, "as many calls as may wait are waiting",
                            kRetryWhenFull),
         core::error::Overloaded(kRetryWhenFull));
}

bool SignCall::StartWaiting() {
  if (parts_.waiting >= parts_.max_waiting) return false;
  auto ticket = parts_.handlers.watches.Subscribe(
      name_->Format(), [weak = weak_from_this(),
                        post = parts_.post](const RequestSnapshot& request) {
        post([weak, request] {
          if (const auto self = weak.lock()) self->OnChange(request);
        });
      });
  if (!ticket.ok()) return false;
  ticket_ = *std::move(ticket);
  counted_ = true;
  parts_.observer.OnWaitingCalls(++parts_.waiting);
  return true;
}

void SignCall::OnChange(const RequestSnapshot& request) {
  if (done_ == nullptr) return;
  if (request == nullptr) {
    const absl::Status stopping = core::error::ServerStopping();
    if (seen_ == nullptr) return Fail(stopping);
    return Finish(
        StillWaitingAnswer(*seen_, "the server is stopping", absl::Seconds(1)),
        stopping);
  }
  if (seen_ != nullptr && request->revision < seen_->revision) return;
  seen_ = request;
  if (core::IsTerminal(request->state)) Conclude(*request);
}

void SignCall::Conclude(const core::SigningRequest& request) {
  // Groups and certificates may have changed while it waited, a token may have
  // been revoked.
  absl::Status status = parts_.handlers.desk.RenewWaiting(call_);
  if (status.ok() &&
      !core::MaySeeRequest(request, call_.caller, *call_.policy)) {
    status = core::error::NotFound(call_.resource);
  }
  if (!status.ok()) return Refuse(status);
  if (request.state != core::RequestState::kSigned) {
    return Finish(EndedAnswer(request, parts_.answer_window), absl::OkStatus());
  }
  ProductSnapshot product;
  if (auto found = parts_.handlers.products.Get(request.name.operation.product);
      found.ok()) {
    product = *std::move(found);
  }
  auto answer = SignatureAnswer(request, format_, product.get());
  if (!answer.ok()) return Fail(answer.status());
  Finish(*std::move(answer), absl::OkStatus());
}

void SignCall::Expire() {
  if (done_ == nullptr) return;
  const absl::Status late = absl::DeadlineExceededError(
      absl::StrCat("no answer within ", absl::FormatDuration(parts_.max_wait)));
  if (seen_ == nullptr) return Fail(late);
  Finish(StillWaitingAnswer(*seen_, late.message(), kRetryAfterBound), late);
}

void SignCall::Abandon() {
  if (done_ == nullptr) return;
  done_ = nullptr;
  StopWaiting();
  LogEnd(kHungUp, absl::CancelledError("the caller hung up"));
}

void SignCall::Refuse(const absl::Status& status) {
  if (!absl::IsPermissionDenied(status) && !absl::IsNotFound(status) &&
      !absl::IsUnauthenticated(status)) {
    return Fail(status);
  }
  StopWaiting();
  parts_.handlers.desk.Deny(
      call_, status, [self = shared_from_this()](const absl::Status& told) {
        self->parts_.post([self, told] { self->Fail(told); });
      });
}

void SignCall::Fail(const absl::Status& status) {
  Finish(AnswerOf(status, call_.id), status);
}

void SignCall::Finish(HttpAnswer answer, const absl::Status& status) {
  if (done_ == nullptr) return;
  const HttpDone done = std::exchange(done_, nullptr);
  StopWaiting();
  LogEnd(answer.code, status);
  done(std::move(answer));
}

void SignCall::StopWaiting() {
  if (ticket_.has_value()) {
    const WatchHub::Ticket ticket = *std::exchange(ticket_, std::nullopt);
    parts_.handlers.watches.Unsubscribe(ticket);
  }
  if (std::exchange(counted_, false)) {
    parts_.observer.OnWaitingCalls(--parts_.waiting);
  }
}

void SignCall::LogEnd(int code, const absl::Status& status) const {
  const absl::Duration took = base::SteadyNow() - call_.start;
  parts_.observer.OnHttpCall(ToString(route_.kind), code, took);
  const base::Severity severity = code == 500   ? base::Severity::kError
                                  : code == 503 ? base::Severity::kWarning
                                                : base::Severity::kInfo;
  const std::string request = name_.has_value() ? name_->Format() : "";
  base::Log(
      severity, "http",
      {{"kind", ToString(route_.kind)},
       {"code", code},
       {"principal", call_.caller.subject},
       {"resource", base::EscapeForDisplay(call_.resource)},
       {"request", request},
       {"peer", call_.credentials.peer},
       {"duration_us", took / absl::Microseconds(1)},
       {"call_id", call_.id},
       {"reason", base::GetReason(status)},
       {"cause", base::EscapeForDisplay(
                     absl::string_view(status.message()).substr(0, 512))}});
}

}  // namespace countersign::server
