// A plain HTTP/1.1 client over TLS for tests: it sends the octets that it is
// told to, and reads answers. Blocking, without deadlines: the test's own ends
// it.
#ifndef COUNTERSIGN_SERVER_HTTP_TESTING_HTTP_CLIENT_H_
#define COUNTERSIGN_SERVER_HTTP_TESTING_HTTP_CLIENT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace countersign::server {

struct TestingHttpAnswer {
  int code = 0;      // 0: the connection ended before an answer was whole
  std::string head;  // status line and fields
  std::string body;

  // The field's value; "" where it is not there.
  std::string Field(absl::string_view name) const;
};

class TestingHttpClient {
 public:
  // Connects to 127.0.0.1. Empty certificate: none is shown.
  TestingHttpClient(int port, const std::string& ca_pem,
                    const std::string& certificate_pem,
                    const std::string& key_pem);
  ~TestingHttpClient();
  TestingHttpClient(TestingHttpClient&&) noexcept;

  // False where it could not connect. A server that refuses the certificate
  // says so only at the first read (TLS 1.3).
  bool connected() const;
  void Send(absl::string_view octets);
  TestingHttpAnswer Read();
  TestingHttpAnswer Ask(absl::string_view octets) {
    Send(octets);
    return Read();
  }
  // True when the server has closed and nothing is left to read.
  bool HasEnded();
  // Without a word.
  void HangUp();

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

// A POST as the ocm command line (v1) sends it, with another Accept and more
// fields where they are given ("Name: value\r\n").
std::string OcmPost(absl::string_view target, absl::string_view body,
                    absl::string_view accept = "application/x-pem-file",
                    absl::string_view more = "");
std::string Get(absl::string_view target);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HTTP_TESTING_HTTP_CLIENT_H_
