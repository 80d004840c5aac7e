// What comes in by HTTP and what goes out, as plain values: the words between
// the wire (request_reader.h, http_server.h) and the meaning (http_route.h,
// sign_order.h). No header is here that nobody looks at.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_MESSAGE_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_MESSAGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/secret_bytes.h"

namespace countersign::server {

// A whole request, its body included. Texts are as the caller sent them.
// Move-only.
struct HttpRequest {
  std::string method;  // "POST"
  std::string target;  // "/sign/rsassa-pss?hashAlgorithm=SHA-256"
  std::string accept;  // all fields of that name, joined by commas
  std::string content_type;
  std::string content_encoding;
  // Each field of that name: server/caller_credentials.h.
  std::vector<base::SecretBytes> authorization;
  std::string body;
};

struct HttpAnswer {
  int code = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  // A signature is nobody's to keep; a refusal soon untrue.
  std::string cache_control = "no-store";
  std::string allow;         // of a 405
  std::string authenticate;  // WWW-Authenticate, of a 401
  std::optional<absl::Duration> retry_after;
  // The request's octets cannot be told from what follows them.
  bool close = false;
};

// An error as people and scripts read it: one line, "message: cause" or a
// sentence of its own.
HttpAnswer ErrorAnswer(int code, std::string line);

// How the answer goes out.
struct AnswerFraming {
  bool keep_alive = true;
  bool head_only = false;  // to HEAD: what GET would have had, without the body
  absl::Time now;          // for Date
};

// The octets of the answer (RFC 9112 6): status line, fields, body.
std::string FormatAnswer(const HttpAnswer& answer,
                         const AnswerFraming& framing);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_MESSAGE_H_
