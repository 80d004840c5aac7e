// The answer to a GET of /crl/NAME.crl: a revocation list as those who check
// certificates fetch it (RFC 5280 4.2.1.13), without any credential. Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_CRL_ANSWER_H_
#define COUNTERSIGN_SERVER_HTTP_CRL_ANSWER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace countersign::server {

// `crl` is DER; 404 where there is none.
HttpAnswer CrlAnswer(absl::string_view authority,
                     std::optional<std::string> crl);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_CRL_ANSWER_H_
