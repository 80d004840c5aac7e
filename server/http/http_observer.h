// Port: what the HTTPS door tells about its calls. Implemented by
// server/metrics.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_OBSERVER_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_OBSERVER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::server {

// Thread-safe; must not block.
class HttpObserver {
 public:
  virtual ~HttpObserver() = default;
  // `kind` is one of HttpKind's words; `code` is the answer's, 499 where the
  // caller hung up before there was one.
  virtual void OnHttpCall(absl::string_view kind, int code,
                          absl::Duration took) = 0;
  // Calls that wait for people or for the token, after a change.
  virtual void OnWaitingCalls(int64_t waiting) = 0;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_OBSERVER_H_
