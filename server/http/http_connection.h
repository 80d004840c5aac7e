// One connection of the HTTPS door: handshake, requests one after the other,
// answers in their order, and a bound on the time of each step. It reads on
// while a call waits: that is how it notices a caller that hangs up. Included
// by http_server.cc alone, as Boost is in it.
#ifndef COUNTERSIGN_SERVER_HTTP_HTTP_CONNECTION_H_
#define COUNTERSIGN_SERVER_HTTP_HTTP_CONNECTION_H_

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "server/http/http_call.h"
#include "server/http/http_message.h"
#include "server/http/http_server.h"
#include "server/http/request_reader.h"

namespace countersign::server {

// Single-thread: the loop's. Alive as long as an operation of it is under way.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Error = boost::system::error_code;

  // What all connections share; outlives them.
  struct Shared {
    HttpServer::Options options;
    const base::Clock& clock;
    HttpHandler handler;
    bool stopping = false;
    // Told once, when the socket is closed.
    std::function<void(HttpConnection*)> on_closed;
  };

  HttpConnection(boost::asio::ip::tcp::socket socket,
                 boost::asio::ssl::context& tls, Shared& shared);

  void Start();
  // The server stops: what waits for nothing ends now, what is being answered
  // afterwards.
  void StopTaking();
  void Close();

 private:
  enum class State {
    kHandshake,
    kIdle,       // between two requests
    kReading,    // in the middle of one
    kCalling,    // the handler has it
    kWriting,    // its answer is on its way
    kLingering,  // all is said; the peer may still be sending
    kClosed,
  };

  void SetPeer();
  void OnHandshake(const Error& error);
  // One read is under way at a time, in every state but kHandshake and kClosed.
  void Read();
  void OnRead(const Error& error, size_t octets);
  void OnGone();
  // As much of a request as has come.
  void Parse();
  void Dispatch();
  void Answer(const HttpAnswer& answer);
  void Send(const std::string& octets);
  void OnSent(const Error& error);
  void OnAnswered();
  void Linger();
  void Arm(absl::Duration timeout);
  void OnTimeout();

  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::asio::steady_timer timer_;
  Shared& shared_;
  HttpPeer peer_;
  State state_ = State::kHandshake;
  uint64_t armed_ = 0;  // which timeout counts
  bool reading_ = false;
  std::array<char, 4096> chunk_;
  std::string unread_;  // octets that no request has taken yet
  std::unique_ptr<RequestReader> reader_;
  std::shared_ptr<HttpCall> call_;
  bool keep_alive_ = true;
  bool head_only_ = false;
  std::string sending_;  // under way
  std::string to_send_;  // after it
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_HTTP_CONNECTION_H_
