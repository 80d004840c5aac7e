// What a POST to /sign/... asks for, out of its route, its query, its fields
// and its body. Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_SIGN_ORDER_H_
#define COUNTERSIGN_SERVER_HTTP_SIGN_ORDER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "server/http/answer_format.h"
#include "server/http/http_message.h"
#include "server/http/http_route.h"

namespace countersign::server {

struct SignOrder {
  // All but `encoding`, which the answer's form decides.
  core::RequestContent content;
  std::vector<AnswerFormat> formats;  // the dearest first; one at least
};

// INVALID_ARGUMENT: all that is wrong with query, fields and body, at once
// where one does not depend on the other. The query: hashAlgorithm (required),
// description, label, context.KEY, each once; anything else is a slip and
// refused, as an approver would see less than the caller meant.
absl::StatusOr<SignOrder> ReadOrder(const HttpRoute& route,
                                    const HttpRequest& request);

// The form in which `operation` answers: the dearest that it can give. Where it
// can give none, the dearest all the same: the refusal says why.
AnswerFormat ChooseFormat(const SignOrder& order,
                          const core::Operation& operation);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_SIGN_ORDER_H_
