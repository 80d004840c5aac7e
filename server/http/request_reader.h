// HTTP/1.1 requests out of a connection's octets, one object for each request,
// with the bounds that keep a hostile caller small: 24 KiB of header (the
// largest token and room beside it), 2048 octets of body, a length that is said
// before. Boost.Beast behind it. It has no socket and no clock.
#ifndef COUNTERSIGN_SERVER_HTTP_REQUEST_READER_H_
#define COUNTERSIGN_SERVER_HTTP_REQUEST_READER_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/http/http_message.h"

namespace countersign::server {

inline constexpr size_t kMaxHeaderOctets = 24 << 10;
inline constexpr size_t kMaxBodyOctets = 2048;

// Single-thread.
class RequestReader {
 public:
  enum class State { kReading, kDone, kRefused };

  RequestReader();
  ~RequestReader();

  // `octets` is everything that came and was not taken before. How many it
  // took: the rest belongs before what comes next, or to the next request.
  size_t Feed(absl::string_view octets);

  State state() const { return state_; }
  // The header is there, and the caller wants "100 Continue" before its body
  // (RFC 9110 10.1.1). True until told once.
  bool TakeContinue();

  // kDone. Once.
  HttpRequest TakeRequest();
  // kDone: whether the connection goes on after the answer.
  bool keep_alive() const;
  bool head_only() const;  // its method is HEAD
  // kRefused: 400, 411, 413, 431 or 505; the connection ends with it.
  const HttpAnswer& refusal() const { return refusal_; }

 private:
  struct Parser;

  void OnHeader();
  void Refuse(int code, const char* line);

  std::unique_ptr<Parser> parser_;
  State state_ = State::kReading;
  bool header_seen_ = false;
  bool wants_continue_ = false;
  HttpAnswer refusal_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_REQUEST_READER_H_
