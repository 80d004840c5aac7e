#include "server/config/host_port.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

TEST(CheckHostPort, AcceptsHostsAndPorts) {
  for (const char* address :
       {"127.0.0.1:0", "0.0.0.0:65535", "[::]:8443", "[::1]:1", "localhost:80",
        "signer-1.example.org:8443", "1host:1"}) {
    EXPECT_OK(CheckHostPort(address)) << address;
  }
}

TEST(CheckHostPort, RefusesEverythingElse) {
  const struct {
    std::string address;
    const char* want;
  } kCases[] = {
      {"", "has no port"},
      {"localhost", "has no port"},
      {"localhost:", "port from 0 to 65535"},
      {"localhost:65536", "port from 0 to 65535"},
      {"localhost:-1", "port from 0 to 65535"},
      {"localhost:+1", "port from 0 to 65535"},
      {"localhost:80 ", "port from 0 to 65535"},
      {"localhost:000080", "port from 0 to 65535"},
      {":8443", "no host name"},
      {"256.0.0.1:80", "no host name"},
      {"1.2.3:80", "no host name"},
      {"-a.b:80", "no host name"},
      {"a..b:80", "no host name"},
      {"a b:80", "no host name"},
      {"https://a:80", "needs brackets"},
      {std::string(254, 'a') + ":80", "no host name"},
      {"::1:80", "needs brackets"},
      {"[::1:80", "no IPv6 address"},
      {"[localhost]:80", "no IPv6 address"},
      {"[]:80", "no IPv6 address"},
      {"[::1]x:80", "no IPv6 address"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(CheckHostPort(c.address),
                base::StatusIs(absl::StatusCode::kInvalidArgument,
                               testing::HasSubstr(c.want)))
        << c.address;
  }
}

}  // namespace
}  // namespace countersign::server
