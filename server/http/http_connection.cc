#include "server/http/http_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/openssl.h"
#include "base/pem.h"

namespace countersign::server {
namespace {

namespace asio = boost::asio;

// Octets of further requests that are taken in while one is answered.
constexpr size_t kMaxUnread = kMaxHeaderOctets + 2 * kMaxBodyOctets;
// How long a peer may go on sending to somebody who no longer listens, so that
// it reads the answer before its socket breaks.
constexpr absl::Duration kLinger = absl::Seconds(2);
// A caller that vanished without a word is noticed within minutes.
constexpr int kKeepAliveIdle = 120, kKeepAliveInterval = 20, kKeepAlives = 3;

void SetSocketOptions(asio::ip::tcp::socket& socket) {
  HttpConnection::Error ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int fd = socket.native_handle();
  for (const auto& [name, value] :
       {std::pair{TCP_KEEPIDLE, kKeepAliveIdle},
        std::pair{TCP_KEEPINTVL, kKeepAliveInterval},
        std::pair{TCP_KEEPCNT, kKeepAlives}}) {
    setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value);
  }
}

std::string AddressOf(const asio::ip::tcp::socket& socket) {
  HttpConnection::Error error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const std::string address = endpoint.address().to_string(error);
  return endpoint.address().is_v6()
             ? absl::StrCat("[", address, "]:", endpoint.port())
             : absl::StrCat(address, ":", endpoint.port());
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket,
                               asio::ssl::context& tls, Shared& shared)
    : stream_(std::move(socket), tls),
      timer_(stream_.get_executor()),
      shared_(shared),
      reader_(std::make_unique<RequestReader>()) {}

void HttpConnection::Start() {
  SetSocketOptions(stream_.next_layer());
  peer_.address = AddressOf(stream_.next_layer());
  Arm(shared_.options.request_timeout);
  stream_.async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](const Error& error) {
                            self->OnHandshake(error);
                          });
}

void HttpConnection::OnHandshake(const Error& error) {
  if (state_ == State::kClosed) return;
  if (error) {
    // Whoever only knocks (probes of the port) is not worth a line.
    if (error.category() == asio::error::get_ssl_category()) {
      base::Log(base::Severity::kInfo, "http_handshake_failed",
                {{"peer", peer_.address}, {"cause", error.message()}});
    }
    return Close();
  }
  SetPeer();
  state_ = State::kIdle;
  if (shared_.stopping) return Linger();
  Arm(shared_.options.idle_timeout);
  Read();
}

void HttpConnection::SetPeer() {
  const base::X509Ptr leaf(SSL_get1_peer_certificate(stream_.native_handle()));
  if (leaf == nullptr) return;
  auto der = base::CertificateDer(leaf.get());
  if (!der.ok()) return;  // as if none had been shown
  peer_.leaf_pem = base::FormatPem({"CERTIFICATE", {}, *std::move(der)});
}

void HttpConnection::Read() {
  if (reading_ || state_ == State::kClosed) return;
  if (unread_.size() >= kMaxUnread && state_ != State::kLingering) return;
  reading_ = true;
  stream_.async_read_some(
      asio::buffer(chunk_),
      [self = shared_from_this()](const Error& error, size_t octets) {
        self->OnRead(error, octets);
      });
}

void HttpConnection::OnRead(const Error& error, size_t octets) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (error) return OnGone();
  switch (state_) {
    case State::kIdle:
      Arm(shared_.options.request_timeout);
      state_ = State::kReading;
      [[fallthrough]];
    case State::kReading:
      unread_.append(chunk_.data(), octets);
      return Parse();
    case State::kCalling:
    case State::kWriting:
      unread_.append(chunk_.data(), octets);
      return Read();
    case State::kLingering:
      return Read();
    case State::kHandshake:
    case State::kClosed:
      return;
  }
}

void HttpConnection::OnGone() {
  if (state_ == State::kWriting) {
    // It may have shut its side only: the answer is tried.
    keep_alive_ = false;
    return;
  }
  if (const auto call = std::exchange(call_, nullptr)) call->Abandon();
  Close();
}

void HttpConnection::Parse() {
  unread_.erase(0, reader_->Feed(unread_));
  if (reader_->TakeContinue()) Send("HTTP/1.1 100 Continue\r\n\r\n");
  switch (reader_->state()) {
    case RequestReader::State::kReading:
      return Read();
    case RequestReader::State::kDone:
      return Dispatch();
    case RequestReader::State::kRefused:
      keep_alive_ = false;
      head_only_ = reader_->head_only();
      return Answer(reader_->refusal());
  }
}

void HttpConnection::Dispatch() {
  keep_alive_ = reader_->keep_alive();
  head_only_ = reader_->head_only();
  HttpRequest request = reader_->TakeRequest();
  reader_ = std::make_unique<RequestReader>();
  state_ = State::kCalling;
  Arm(shared_.options.max_wait);
  std::shared_ptr<HttpCall> call = shared_.handler(
      std::move(request), peer_, [weak = weak_from_this()](HttpAnswer answer) {
        if (const auto self = weak.lock()) self->Answer(answer);
      });
  if (state_ == State::kCalling) call_ = std::move(call);
  Read();
}

void HttpConnection::Answer(const HttpAnswer& answer) {
  if (state_ == State::kClosed) return;
  call_ = nullptr;
  state_ = State::kWriting;
  if (answer.close || shared_.stopping) keep_alive_ = false;
  Arm(shared_.options.write_timeout);
  Send(FormatAnswer(answer, {keep_alive_, head_only_, shared_.clock.Now()}));
}

void HttpConnection::Send(const std::string& octets) {
  to_send_ += octets;
  if (!sending_.empty()) return;
  sending_ = std::exchange(to_send_, "");
  asio::async_write(stream_, asio::buffer(sending_),
                    [self = shared_from_this()](const Error& error, size_t) {
                      self->OnSent(error);
                    });
}

void HttpConnection::OnSent(const Error& error) {
  sending_.clear();
  if (state_ == State::kClosed) return;
  if (error) return OnGone();
  if (!to_send_.empty()) return Send("");
  if (state_ == State::kWriting) OnAnswered();
}

void HttpConnection::OnAnswered() {
  if (!keep_alive_ || shared_.stopping) return Linger();
  if (unread_.empty()) {
    state_ = State::kIdle;
    Arm(shared_.options.idle_timeout);
    return Read();
  }
  state_ = State::kReading;
  Arm(shared_.options.request_timeout);
  Parse();
}

void HttpConnection::Linger() {
  state_ = State::kLingering;
  unread_.clear();
  Arm(kLinger);
  Read();
  stream_.async_shutdown(
      [self = shared_from_this()](const Error&) { self->Close(); });
}

void HttpConnection::StopTaking() {
  if (state_ == State::kIdle) return Linger();
  if (state_ == State::kReading) {
    HttpAnswer answer =
        ErrorAnswer(503, "try again later: the server is stopping");
    answer.retry_after = absl::Seconds(1);
    Answer(answer);
  }
}

void HttpConnection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  ++armed_;
  timer_.cancel();
  Error ignored;
  stream_.next_layer().close(ignored);
  shared_.on_closed(this);
}

void HttpConnection::Arm(absl::Duration timeout) {
  timer_.expires_after(absl::ToChronoMilliseconds(timeout));
  timer_.async_wait(
      [self = shared_from_this(), armed = ++armed_](const Error& error) {
        if (!error && armed == self->armed_) self->OnTimeout();
      });
}

void HttpConnection::OnTimeout() {
  switch (state_) {
    case State::kReading: {
      HttpAnswer answer = ErrorAnswer(
          408, "too slow: a request has to be sent within ten seconds");
      answer.close = true;
      return Answer(answer);
    }
    case State::kCalling:
      // It answers, through the handler's `done`.
      if (const auto call = call_) call->Expire();
      return;
    default:
      return Close();
  }
}

}  // namespace countersign::server
