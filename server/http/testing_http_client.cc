#include "server/http/testing_http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace countersign::server {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

struct TestingHttpClient::Socket {
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tlsv13_client};
  std::unique_ptr<asio::ssl::stream<Tcp::socket>> stream;
  bool connected = false;
  std::string unread;

  bool ReadSome() {
    char chunk[4096];
    Error error;
    const size_t size = stream->read_some(asio::buffer(chunk), error);
    unread.append(chunk, size);
    return !error;
  }
};

std::string TestingHttpAnswer::Field(absl::string_view name) const {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const size_t colon = line.find(':');
    if (colon != absl::string_view::npos &&
        absl::EqualsIgnoreCase(line.substr(0, colon), name)) {
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
  }
  return "";
}

TestingHttpClient::TestingHttpClient(int port, const std::string& ca_pem,
                                     const std::string& certificate_pem,
                                     const std::string& key_pem)
    : socket_(std::make_unique<Socket>()) {
  Socket& s = *socket_;
  Error error;
  s.tls.set_verify_mode(asio::ssl::verify_peer, error);
  s.tls.add_certificate_authority(asio::buffer(ca_pem), error);
  if (!certificate_pem.empty()) {
    s.tls.use_certificate_chain(asio::buffer(certificate_pem), error);
    s.tls.use_private_key(asio::buffer(key_pem), asio::ssl::context::pem,
                          error);
  }
  s.stream = std::make_unique<asio::ssl::stream<Tcp::socket>>(s.io, s.tls);
  s.stream->next_layer().connect(
      {asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, error);
  if (error) return;
  s.stream->handshake(asio::ssl::stream_base::client, error);
  s.connected = !error;
}

TestingHttpClient::~TestingHttpClient() = default;
TestingHttpClient::TestingHttpClient(TestingHttpClient&&) noexcept = default;

bool TestingHttpClient::connected() const { return socket_->connected; }

void TestingHttpClient::Send(absl::string_view octets) {
  Error ignored;
  asio::write(*socket_->stream, asio::buffer(octets.data(), octets.size()),
              ignored);
}

TestingHttpAnswer TestingHttpClient::Read() {
  Socket& s = *socket_;
  TestingHttpAnswer answer;
  size_t end;
  while ((end = s.unread.find("\r\n\r\n")) == std::string::npos) {
    if (!s.ReadSome()) return answer;
  }
  answer.head = s.unread.substr(0, end);
  s.unread.erase(0, end + 4);
  size_t length = 0;
  if (!absl::SimpleAtoi(answer.Field("Content-Length"), &length)) length = 0;
  while (s.unread.size() < length) {
    if (!s.ReadSome()) return answer;
  }
  answer.body = s.unread.substr(0, length);
  s.unread.erase(0, length);
  // "HTTP/1.1 200 OK"
  if (!absl::SimpleAtoi(answer.head.substr(9, 3), &answer.code)) {
    answer.code = 0;
  }
  return answer;
}

bool TestingHttpClient::HasEnded() {
  while (socket_->ReadSome()) {
  }
  return socket_->unread.empty();
}

void TestingHttpClient::HangUp() {
  Error ignored;
  socket_->stream->next_layer().close(ignored);
}

std::string OcmPost(absl::string_view target, absl::string_view body,
                    absl::string_view accept, absl::string_view more) {
  return absl::StrCat("POST ", target,
                      " HTTP/1.1\r\nHost: localhost:8443\r\n"
                      "User-Agent: Go-http-client/1.1\r\nContent-Length: ",
                      body.size(), "\r\nAccept: ", accept,
                      "\r\nAccept-Encoding: gzip\r\n", more, "\r\n", body);
}

std::string Get(absl::string_view target) {
  return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

}  // namespace countersign::server
