// One POST to /sign/... from its arrival to its answer: admitted as a gRPC call
// is, found again or made new (request_history.h), run through the pipeline,
// and then memory, not a thread, until people have decided and the token has
// signed.
#ifndef COUNTERSIGN_SERVER_HTTP_SIGN_CALL_H_
#define COUNTERSIGN_SERVER_HTTP_SIGN_CALL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/flow.h"
#include "core/signing_request.h"
#include "server/caller_credentials.h"
#include "server/front_desk.h"
#include "server/handlers/parts.h"
#include "server/http/http_call.h"
#include "server/http/http_message.h"
#include "server/http/http_observer.h"
#include "server/http/http_route.h"
#include "server/http/sign_order.h"
#include "server/pipeline/watch_hub.h"

namespace countersign::server {

// What all calls of the door share. It outlives them.
struct SignCallParts {
  const HandlerParts& handlers;
  HttpObserver& observer;
  // Runs it on the loop that the calls live on, soon. Thread-safe.
  std::function<void(std::function<void()>)> post;
  absl::Duration max_wait;       // told in answers; the connection measures it
  absl::Duration answer_window;  // request_history.h
  int64_t max_waiting = 0;
  int64_t waiting = 0;  // the loop's
};

// All on the loop. Blocks for reads of the store, as the gRPC loop's calls do.
class SignCall final : public HttpCall,
                       public std::enable_shared_from_this<SignCall> {
 public:
  SignCall(SignCallParts& parts, HttpRoute route, HttpRequest request,
           HttpDone done);
  ~SignCall() override;

  // Once, and first.
  void Start(CallerCredentials credentials);

  void Expire() override;
  void Abandon() override;

 private:
  // May this caller ask that operation at all? NOT_FOUND, PERMISSION_DENIED.
  absl::Status LookUpOperation();
  absl::Status ReadInput();
  // Goes on with the request that is there, or makes one.
  absl::Status FindOrCreate();
  absl::StatusOr<std::optional<core::SigningRequest>> FindById(
      const std::string& request_id) const;
  void Create(int number);
  void OnCreated(core::Answer answer);
  // A request that is on its way: listens first and reads then.
  void Await(const core::RequestName& name);
  // Subscribes; false where as many wait as may.
  bool StartWaiting();
  // A newer state, or nullptr: the server stops.
  void OnChange(const RequestSnapshot& request);
  // It has ended: the signature, or why there is none.
  void Conclude(const core::SigningRequest& request);

  // Recorded, where gRPC records it, and then told.
  void Refuse(const absl::Status& status);
  void Fail(const absl::Status& status);
  void Finish(HttpAnswer answer, const absl::Status& status);
  void StopWaiting();
  void LogEnd(int code, const absl::Status& status) const;

  SignCallParts& parts_;
  const HttpRoute route_;
  const HttpRequest request_;
  HttpDone done_;  // empty when answered or abandoned
  Call call_;
  SignOrder order_;
  AnswerFormat format_ = AnswerFormat::kPem;
  std::optional<core::RequestName> name_;
  RequestSnapshot seen_;  // the newest that was seen
  std::optional<WatchHub::Ticket> ticket_;
  bool counted_ = false;  // among parts_.waiting
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_SIGN_CALL_H_
