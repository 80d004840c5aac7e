// HttpRequestReader with any octets, whole and in two pieces.
#include <cstdlib>

#include "client/plugins/http_request.h"
#include "tests/fuzz/fuzz_target.h"

using countersign::client::HttpRequest;
using countersign::client::HttpRequestReader;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  HttpRequestReader whole;
  const auto done = whole.Feed(text);
  HttpRequestReader pieces;
  auto again = pieces.Feed(text.substr(0, size / 2));
  if (again.ok() && !*again) again = pieces.Feed(text.substr(size / 2));
  // However it is cut, the same request.
  if (done.ok() && *done) {
    if (!again.ok() || !*again) std::abort();
    const HttpRequest a = whole.Take();
    const HttpRequest b = pieces.Take();
    if (a.method != b.method || a.target != b.target || a.body != b.body) {
      std::abort();
    }
  }
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  return {
      "GET /healthz HTTP/1.1\r\nHost: unix\r\n\r\n",
      "POST /sign HTTP/1.1\r\nHost: unix\r\nAuthorization: {}\r\n"
      "Content-Length: 7\r\n\r\n{\"b\":2}",
      "POST /sign HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n",
  };
}

}  // namespace countersign::fuzz
