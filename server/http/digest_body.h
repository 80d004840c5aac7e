// The digest in a request's body, out of the encodings that callers use. Pure.
#ifndef COUNTERSIGN_SERVER_HTTP_DIGEST_BODY_H_
#define COUNTERSIGN_SERVER_HTTP_DIGEST_BODY_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/algorithms.h"
#include "server/http/http_message.h"

namespace countersign::server {

// Decodes by Content-Encoding ("raw", "hex", "base64", "gzip"), without it by
// what follows the last "+" of Content-Type ("application/octet-stream+hex"),
// without that as raw octets. White space around text is taken off.
// INVALID_ARGUMENT BAD_REQUEST: an unknown encoding, a body that is not in it,
// a length that is not the hash's (naming both).
absl::StatusOr<std::string> ReadDigest(const HttpRequest& request,
                                       core::HashAlgorithm hash);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_DIGEST_BODY_H_
