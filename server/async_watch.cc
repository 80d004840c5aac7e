#include "server/async_watch.h"

#include <utility>

#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"
#include "server/caller_credentials.h"
#include "server/handlers/lookup.h"

namespace countersign::server {

void AsyncWatch::Listen(const HandlerParts& parts, SigningHandler& service,
                        grpc::ServerCompletionQueue& queue) {
  std::shared_ptr<AsyncWatch> call(new AsyncWatch(parts, service, queue));
  AsyncWatch& watch = *call;
  {
    base::MutexLock lock(watch.mutex_);
    watch.self_ = std::move(call);
  }
  BeforeOperation(&watch.done_tag_);
  watch.context_.AsyncNotifyWhenDone(&watch.done_tag_);
  BeforeOperation(&watch.arrived_);
  service.RequestWatchSigningRequest(&watch.context_, &watch.request_,
                                     &watch.writer_, &queue, &queue,
                                     &watch.arrived_);
}

AsyncWatch::AsyncWatch(const HandlerParts& parts, SigningHandler& service,
                       grpc::ServerCompletionQueue& queue)
    : parts_(parts), service_(service), queue_(queue), writer_(&context_) {}

void AsyncWatch::OnEnd(int operation, bool ok) {
  switch (operation) {
    case kArrived:
      if (!ok) {
        // The server is going down; kDone is not told for a call that never
        // was.
        {
          base::MutexLock lock(mutex_);
          finished_ = true;
        }
        return Release(&done_);
      }
      Listen(parts_, service_, queue_);
      return Handle();
    case kWritten:
      return OnWritten(ok);
    case kFinished:
      return Release(&finished_);
    case kDone:
      // The client went away, or all was sent: End does nothing then.
      End(absl::CancelledError("the caller went away"));
      return Release(&done_);
  }
}

void AsyncWatch::Handle() {
  call_ = parts_.desk.Open("WatchSigningRequest", request_.name());
  absl::Status status = parts_.desk.Admit(CredentialsOf(context_), call_);
  if (status.ok()) status = Begin();
  if (absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
      absl::IsUnauthenticated(status)) {
    parts_.desk.Deny(call_, status,
                     [self = shared_from_this()](const absl::Status& told) {
                       self->End(told);
                       self->OnWritten(true);
                     });
    return;
  }
  if (!status.ok()) End(status);
  OnWritten(true);  // no longer busy
}

absl::Status AsyncWatch::Begin() {
  ASSIGN_OR_RETURN(const core::RequestName name,
                   core::RequestName::Parse(request_.name()));
  if (request_.after_revision() < 0) {
    return core::error::BadRequest(
        {{"after_revision", "must not be negative; 0 sends the state now"}});
  }
  {
    base::MutexLock lock(mutex_);
    last_revision_ = request_.after_revision();
  }
  // Nobody hears of what they may not see: look before listening, too.
  RETURN_IF_ERROR(SeeRequest(parts_, call_, name).status());
  ASSIGN_OR_RETURN(
      ticket_, parts_.watches.Subscribe(
                   name.Format(),
                   [self = shared_from_this()](const RequestSnapshot& request) {
                     self->Offer(request);
                   }));
  ASSIGN_OR_RETURN(core::SigningRequest now, SeeRequest(parts_, call_, name));
  if (core::IsTerminal(now.state) &&
      now.revision <= request_.after_revision()) {
    End(absl::OkStatus());  // the caller has seen the end already
  }
  Offer(std::make_shared<const core::SigningRequest>(std::move(now)));
  return absl::OkStatus();
}

void AsyncWatch::Offer(const RequestSnapshot& request) {
  if (request == nullptr) return End(core::error::ServerStopping());
  {
    base::MutexLock lock(mutex_);
    if (end_.has_value() || request->revision <= last_revision_) return;
    last_revision_ = request->revision;
    queued_.push_back(request);
    if (core::IsTerminal(request->state)) end_ = absl::OkStatus();
  }
  Advance();
}

void AsyncWatch::End(const absl::Status& status) {
  {
    base::MutexLock lock(mutex_);
    if (end_.has_value()) return;
    end_ = status;
  }
  Advance();
}

void AsyncWatch::Advance() {
  RequestSnapshot next;
  absl::Status end;
  {
    base::MutexLock lock(mutex_);
    if (busy_ || finished_ || (queued_.empty() && !end_.has_value())) return;
    busy_ = true;
    if (queued_.empty()) {
      end = *end_;
    } else {
      next = std::move(queued_.front());
      queued_.pop_front();
    }
  }
  if (next == nullptr) return Finish(end);
  // Groups may have changed since the watch began, and its certificate or token
  // may be over: whoever watches on comes with a fresh one.
  absl::Status seen = parts_.desk.Renew(call_);
  if (seen.ok() && !core::MaySeeRequest(*next, call_.caller, *call_.policy)) {
    seen = core::error::NotFound(call_.resource);
  }
  if (!seen.ok()) return Finish(seen);
  message_ = Shown(parts_, *next);
  BeforeOperation(&written_);
  writer_.Write(message_, &written_);
}

void AsyncWatch::OnWritten(bool ok) {
  {
    base::MutexLock lock(mutex_);
    busy_ = false;
    if (!ok) {
      queued_.clear();
      if (!end_.has_value()) end_ = absl::CancelledError("the caller is gone");
    }
  }
  Advance();
}

// Once: busy_ stays set.
void AsyncWatch::Finish(const absl::Status& status) {
  const grpc::Status wire = parts_.desk.Close(call_, status);
  BeforeOperation(&finished_tag_);
  writer_.Finish(wire, &finished_tag_);
}

void AsyncWatch::Release(bool* part) {
  std::shared_ptr<AsyncWatch> self;  // dies after the lock
  {
    base::MutexLock lock(mutex_);
    *part = true;
    if (!finished_ || !done_) return;
    self = std::move(self_);
  }
  if (ticket_.has_value()) parts_.watches.Unsubscribe(*ticket_);
}

}  // namespace countersign::server
