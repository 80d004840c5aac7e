#include "client/plugins/http_request.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include "absl/strings/str_cat.h"

namespace countersign::client {
namespace {

namespace http = boost::beast::http;

// Credentials travel in a header, and may hold certificate chains.
constexpr std::uint32_t kMostHeader = 256 << 10;
constexpr std::uint64_t kMostBody = 1 << 20;

}  // namespace

struct HttpRequestReader::Parser {
  http::request_parser<http::string_body> parser;
  // What the parser has not taken yet: a header that is not whole.
  std::string pending;
};

HttpRequestReader::HttpRequestReader() : parser_(std::make_unique<Parser>()) {
  parser_->parser.header_limit(kMostHeader);
  parser_->parser.body_limit(kMostBody);
  parser_->parser.eager(true);
}

HttpRequestReader::~HttpRequestReader() = default;

absl::StatusOr<bool> HttpRequestReader::Feed(absl::string_view octets) {
  std::string& pending = parser_->pending;
  pending.append(octets.data(), octets.size());
  while (!parser_->parser.is_done() && !pending.empty()) {
    boost::beast::error_code error;
    const size_t taken =
        parser_->parser.put(boost::asio::buffer(pending), error);
    pending.erase(0, taken);
    if (error == http::error::header_limit ||
        error == http::error::body_limit ||
        error == http::error::buffer_overflow) {
      return absl::OutOfRangeError("the request is too large");
    }
    if (error == http::error::need_more) break;
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("no HTTP/1.1 request: ", error.message()));
    }
    if (taken == 0) break;
  }
  if (pending.size() > kMostHeader) {
    return absl::OutOfRangeError("the request is too large");
  }
  return parser_->parser.is_done();
}

HttpRequest HttpRequestReader::Take() {
  auto message = parser_->parser.release();
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.authorization = std::string(message[http::field::authorization]);
  request.body = std::move(message.body());
  return request;
}

std::string FormatHttpResponse(const HttpResponse& response) {
  return absl::StrCat(
      "HTTP/1.1 ", response.code, " ",
      std::string(http::obsolete_reason(http::int_to_status(response.code))),
      "\r\nContent-Type: ", response.content_type,
      "\r\nContent-Length: ", response.body.size(),
      "\r\nConnection: close\r\n\r\n", response.body);
}

int HttpCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kOutOfRange:
      return 413;
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

}  // namespace countersign::client
