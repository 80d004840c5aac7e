// What a bearer token may look like, so that one from outside can be put into a
// header. Pure. Not what it says: client/token/token_hint.h.
#ifndef COUNTERSIGN_CLIENT_API_TOKEN_TEXT_H_
#define COUNTERSIGN_CLIENT_API_TOKEN_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// OK for what may stand after "Bearer " (RFC 6750 2.1), to 16 KiB.
// UNAUTHENTICATED (TOKEN_MALFORMED) in words about `described`.
absl::Status CheckTokenText(absl::string_view text,
                            const std::string& described);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_TOKEN_TEXT_H_
