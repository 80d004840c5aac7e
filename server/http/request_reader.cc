#include "server/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace countersign::server {
namespace {

namespace http = boost::beast::http;
using View = boost::beast::string_view;

std::string Str(View text) { return std::string(text.data(), text.size()); }

}  // namespace

struct RequestReader::Parser {
  http::request_parser<http::string_body> beast;

  // All fields of that name.
  std::string Joined(http::field name) {
    std::string joined;
    const auto range = beast.get().equal_range(name);
    for (auto it = range.first; it != range.second; ++it) {
      absl::StrAppend(&joined, joined.empty() ? "" : ",", Str(it->value()));
    }
    return joined;
  }
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {
  parser_->beast.header_limit(kMaxHeaderOctets);
  parser_->beast.body_limit(kMaxBodyOctets);
  parser_->beast.eager(true);
}

RequestReader::~RequestReader() = default;

size_t RequestReader::Feed(absl::string_view octets) {
  if (state_ != State::kReading || octets.empty()) return 0;
  boost::beast::error_code error;
  const size_t taken = parser_->beast.put(
      boost::asio::const_buffer(octets.data(), octets.size()), error);
  if (error == http::error::need_more) error = {};
  if (parser_->beast.is_header_done() && !header_seen_) {
    header_seen_ = true;
    OnHeader();
  }
  if (state_ == State::kRefused) return taken;
  if (error == http::error::body_limit) {
    Refuse(413,
           "too large: the body is a digest of at most 2048 octets, not the "
           "file");
  } else if (error == http::error::header_limit) {
    Refuse(431, "too large: the request's header has more than 24 KiB");
  } else if (error == http::error::bad_version) {
    Refuse(505, "not understood: this server speaks HTTP/1.1");
  } else if (error) {
    Refuse(400, "not understood: this is no HTTP/1.1 request");
  } else if (parser_->beast.is_done()) {
    state_ = State::kDone;
  }
  return taken;
}

void RequestReader::OnHeader() {
  const auto& message = parser_->beast.get();
  // Beast has the length where it is said once and well.
  const bool has_length = message.count(http::field::content_length) > 0;
  if (message.count(http::field::transfer_encoding) > 0) {
    return Refuse(411,
                  "length required: chunked bodies are not taken; send "
                  "Content-Length");
  }
  if (!has_length && message.method() == http::verb::post) {
    return Refuse(411, "length required: send Content-Length");
  }
  if (message.count(http::field::host) != 1 && message.version() >= 11) {
    return Refuse(400, "bad request: exactly one Host field is needed");
  }
  wants_continue_ =
      message.version() >= 11 &&
      absl::EqualsIgnoreCase(Str(message[http::field::expect]), "100-continue");
}

bool RequestReader::TakeContinue() {
  return std::exchange(wants_continue_, false) && state_ == State::kReading;
}

HttpRequest RequestReader::TakeRequest() {
  auto& message = parser_->beast.get();
  HttpRequest request;
  request.method = Str(message.method_string());
  request.target = Str(message.target());
  request.accept = parser_->Joined(http::field::accept);
  request.content_type = parser_->Joined(http::field::content_type);
  request.content_encoding = parser_->Joined(http::field::content_encoding);
  const auto range = message.equal_range(http::field::authorization);
  for (auto it = range.first; it != range.second; ++it) {
    request.authorization.emplace_back(
        absl::string_view(it->value().data(), it->value().size()));
  }
  request.body = std::move(message.body());
  return request;
}

bool RequestReader::keep_alive() const {
  return state_ == State::kDone && parser_->beast.get().keep_alive();
}

bool RequestReader::head_only() const {
  return header_seen_ && parser_->beast.get().method() == http::verb::head;
}

void RequestReader::Refuse(int code, const char* line) {
  state_ = State::kRefused;
  refusal_ = ErrorAnswer(code, line);
  refusal_.close = true;
}

}  // namespace countersign::server
