// Octets of a connection through everything that is done with them before
// anybody asks who is calling.
#include <cstdlib>
#include <string>

#include "server/http/http_route.h"
#include "server/http/request_reader.h"
#include "server/http/sign_order.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::server {
namespace {

void TryRequest(const HttpRequest& request) {
  HttpPaths paths;
  paths.default_operation = core::OperationName{{"p"}, "o"};
  paths.aliases["/k/release"] = core::OperationName{{"p"}, "r"};
  HttpRoute route = FindRoute(request.method, request.target, paths);
  if (route.refusal.has_value()) {
    // One line, whatever was sent.
    const std::string& body = route.refusal->body;
    if (body.find_first_of("\r\n") != body.size() - 1) std::abort();
    if (route.refusal->code < 400) std::abort();
  }
  // Also where the method was wrong: the readers take any text.
  route.operation = *paths.default_operation;
  const auto order = ReadOrder(route, request);
  if (order.ok() &&
      (order->formats.empty() || order->content.digests.size() != 1 ||
       !core::DigestFits(order->content.hash,
                         order->content.digests[0].value.size()))) {
    std::abort();
  }
}

}  // namespace
}  // namespace countersign::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using countersign::server::RequestReader;
  std::string unread(reinterpret_cast<const char*>(data), size);
  for (int requests = 0; requests < 16 && !unread.empty(); ++requests) {
    RequestReader reader;
    // In two pieces, as a network would.
    const std::string half = unread.substr(0, unread.size() / 2);
    size_t taken = reader.Feed(half);
    if (taken > half.size()) std::abort();
    unread.erase(0, taken);
    taken = reader.Feed(unread);
    if (taken > unread.size()) std::abort();
    unread.erase(0, taken);
    if (reader.state() != RequestReader::State::kDone) break;
    const auto request = reader.TakeRequest();
    if (request.body.size() > countersign::server::kMaxBodyOctets) std::abort();
    countersign::server::TryRequest(request);
  }
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  const std::string host = " HTTP/1.1\r\nHost: localhost:8443\r\n";
  return {
      "POST /sign/rsassa-pss?hashAlgorithm=SHA-256" + host +
          "User-Agent: Go-http-client/1.1\r\nContent-Length: 32\r\n"
          "Accept: application/x-pem-file\r\nAccept-Encoding: gzip\r\n\r\n" +
          std::string(32, 'd'),
      "POST /products/p/operations/o/sign/rsassa-pkcs1-v1_5?hashAlgorithm="
      "sha512&label=a%20b&description=x+y&context.build=17" +
          host +
          "Content-Length: 128\r\nContent-Encoding: hex\r\n"
          "Accept: application/octet-stream+hex;q=0.5, */*\r\n\r\n" +
          std::string(128, 'a'),
      "POST /k/release/sign/rsassa-pss?hashAlgorithm=SHA-256" + host +
          "Content-Length: 23\r\nContent-Encoding: gzip\r\n\r\n" +
          std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\xc4\x0f\0\x77\x17"
                      "\xb1\xca\x20\0\0\0",
                      23),
      "GET /healthz" + host + "\r\nGET /readyz" + host + "\r\n",
      "POST /sign/rsassa-pss" + host +
          "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  };
}

}  // namespace countersign::fuzz
