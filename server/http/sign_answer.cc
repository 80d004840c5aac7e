#include "server/http/sign_answer.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "core/errors.h"
#include "server/convert/certificate_pem.h"
#include "server/grpc_status.h"

namespace countersign::server {
namespace {

// Where an error says nothing better.
constexpr absl::Duration kRetry = absl::Seconds(5);
// Of a line: what a pipeline's log shows at a glance.
constexpr size_t kMaxCause = 2048;

std::string Shown(absl::string_view text) {
  return base::EscapeForDisplay(text.substr(0, kMaxCause));
}

struct Wire {
  int code;
  const char* message;  // before the cause
  bool retry;
};

Wire WireOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return {400, "bad request", false};
    case absl::StatusCode::kUnauthenticated:
      return {401, "not known", false};
    case absl::StatusCode::kPermissionDenied:
      return {403, "not allowed", false};
    case absl::StatusCode::kNotFound:
      return {404, "not found", false};
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
      return {409, "not possible now", false};
    case absl::StatusCode::kResourceExhausted:
      return {429, "try again later", true};
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return {503, "try again later", true};
    default:
      return {500, "internal error", false};
  }
}

// What a caller of this door does about an error that speaks of gRPC's fields.
std::string NextStep(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  if (reason == "ENCODING_NOT_POSSIBLE") {
    return "; send Accept: application/octet-stream+hex, or use an operation "
           "of type DETACHED_SIGNATURE";
  }
  if (reason == "ALGORITHM_NOT_ALLOWED") {
    return "; the path's end says which: /sign/rsassa-pkcs1-v1_5 or "
           "/sign/rsassa-pss";
  }
  if (reason == "NO_CREDENTIAL") {
    return "; certificates are of the CA that the server's "
           "identity.client_ca_file names";
  }
  if (reason == "TOKEN_EXPIRED") {
    return "; get a fresh token and send the same call again";
  }
  if (reason == "RESOURCE_NOT_FOUND") {
    return "; check the URL's product and operation, and that your groups may "
           "use it";
  }
  return "";
}

// RFC 9110 11.6.1, RFC 6750 3: no error code where no token came.
std::string Challenge(const absl::Status& status) {
  return absl::StartsWith(base::GetReason(status), "TOKEN_")
             ? "Bearer error=\"invalid_token\""
             : "Bearer";
}

// "email:ann@example.org: the build is not tagged" of the last rejection.
std::string WhoAndWhy(const core::SigningRequest& request) {
  for (auto it = request.decisions.rbegin(); it != request.decisions.rend();
       ++it) {
    if (it->kind != core::DecisionKind::kRejection) continue;
    std::string text = absl::StrCat("by ", Shown(it->approver.subject));
    if (!it->reason.empty()) absl::StrAppend(&text, ": ", Shown(it->reason));
    return text;
  }
  return Shown(request.state_reason);
}

std::string AskAgain(absl::Duration window) {
  return window <= absl::ZeroDuration()
             ? "the same call asks anew"
             : absl::StrCat("the same call gets this answer for ",
                            absl::FormatDuration(window),
                            "; another description in the query asks anew");
}

}  // namespace

HttpAnswer AnswerOf(const absl::Status& status, absl::string_view call_id) {
  const Wire wire = WireOf(status.code());
  std::string cause =
      IsHidden(status) || wire.code == 500
          ? absl::StrCat("the server's log has the cause under call_id ",
                         call_id)
          : absl::StrCat(Shown(status.message()), NextStep(status));
  HttpAnswer answer =
      ErrorAnswer(wire.code, absl::StrCat(wire.message, ": ", cause));
  if (wire.code == 401) answer.authenticate = Challenge(status);
  if (wire.retry) {
    answer.retry_after = kRetry;
    const auto details = base::GetErrorDetails(status);
    if (details.has_value() && details->retry_delay.has_value()) {
      answer.retry_after = details->retry_delay;
    }
  }
  return answer;
}

absl::StatusOr<HttpAnswer> SignatureAnswer(const core::SigningRequest& request,
                                           AnswerFormat format,
                                           const core::Product* product) {
  if (request.signatures.size() != 1) {
    return core::error::SignaturesIncomplete(request.name.Format());
  }
  const std::string& signature = request.signatures[0].value;
  HttpAnswer answer;
  answer.content_type = std::string(MediaType(format));
  switch (format) {
    case AnswerFormat::kRaw:
      answer.body = signature;
      return answer;
    case AnswerFormat::kHex:
      answer.body = base::HexEncode(signature);
      return answer;
    case AnswerFormat::kBase64:
      answer.body = base::Base64Encode(signature);
      return answer;
    case AnswerFormat::kPem:
      break;
  }
  const core::Operation* operation =
      product == nullptr
          ? nullptr
          : product->FindOperation(request.name.operation.operation);
  const core::KeyVersion* key =
      operation == nullptr ? nullptr
                           : operation->FindKeyVersion(request.key_version);
  if (key == nullptr || !key->chain.has_value()) {
    return core::error::ChainMissing(request.name.operation.Format());
  }
  answer.body = SignaturePem(signature, request.content.algorithm, *key->chain);
  return answer;
}

HttpAnswer EndedAnswer(const core::SigningRequest& request,
                       absl::Duration window) {
  const std::string name = request.name.Format();
  switch (request.state) {
    case core::RequestState::kRejected:
      return ErrorAnswer(
          403, absl::StrCat("rejected: ", name, " was rejected ",
                            WhoAndWhy(request), "; ", AskAgain(window)));
    case core::RequestState::kCancelled:
      return ErrorAnswer(
          409,
          absl::StrCat("cancelled: ", name, " was cancelled",
                       request.state_reason.empty() ? "" : ": ",
                       Shown(request.state_reason), "; ", AskAgain(window)));
    case core::RequestState::kExpired:
      return ErrorAnswer(
          409,
          absl::StrCat("expired: too few agreed to ", name, " before ",
                       absl::FormatTime(absl::RFC3339_sec, request.expire_time,
                                        absl::UTCTimeZone()),
                       "; the same call asks anew"));
    default:
      return ErrorAnswer(
          409, absl::StrCat(
                   "failed: ", name,
                   " could not be signed: ", Shown(request.state_reason), "; ",
                   AskAgain(request.decisions.empty() ? absl::ZeroDuration()
                                                      : window)));
  }
}

HttpAnswer StillWaitingAnswer(const core::SigningRequest& request,
                              absl::string_view why,
                              absl::Duration retry_after) {
  const bool approved = request.state == core::RequestState::kApproved;
  HttpAnswer answer = ErrorAnswer(
      503, absl::StrCat("try again later: ", why, "; ", request.name.Format(),
                        approved ? " is agreed to and waits for the signing "
                                   "token"
                                 : " waits for people to agree",
                        "; send the same call again to go on with it"));
  answer.retry_after = retry_after;
  return answer;
}

}  // namespace countersign::server
