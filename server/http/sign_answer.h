// From what became of a request to what the caller reads: 200 with the
// signature, or one line that says what to do next. Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_SIGN_ANSWER_H_
#define COUNTERSIGN_SERVER_HTTP_SIGN_ANSWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "server/http/answer_format.h"
#include "server/http/http_message.h"

namespace countersign::server {

// 400, 401, 403, 404, 409, 429, 503 or 500, by the status's code; Retry-After
// where trying again helps. What is inside stays inside: `call_id` finds it in
// the log. `status` is not OK.
HttpAnswer AnswerOf(const absl::Status& status, absl::string_view call_id);

// The signature of a SIGNED request. `product` is its product as it is now, for
// the certificates of kPem; may be null. FAILED_PRECONDITION where they are not
// there.
absl::StatusOr<HttpAnswer> SignatureAnswer(const core::SigningRequest& request,
                                           AnswerFormat format,
                                           const core::Product* product);

// A request that ended without a signature: 403 with who said no and why, 409
// for the others. `window`: for how long the same call gets that answer.
HttpAnswer EndedAnswer(const core::SigningRequest& request,
                       absl::Duration window);

// 503, the request's name, and that the same call finds it again. For a call
// that cannot wait longer, or not at all.
HttpAnswer StillWaitingAnswer(const core::SigningRequest& request,
                              absl::string_view why,
                              absl::Duration retry_after);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_SIGN_ANSWER_H_
