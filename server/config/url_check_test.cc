#include "server/config/url_check.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(CheckUrl, TakesHttpsAndHttpOfLoopback) {
  for (const char* url :
       {"https://gitlab.com", "https://gitlab.acme.org:8443/a/b/",
        "https://10.0.0.1/x", "https://[2001:db8::1]:8443/x",
        "http://localhost:8080", "http://127.0.0.1:1/x", "http://[::1]:1/x",
        "http://[::1]"}) {
    EXPECT_OK(CheckUrl(url, UrlSchemes::kHttps)) << url;
  }
  EXPECT_OK(CheckUrl("http://crl.acme.org/crl/site.crl", UrlSchemes::kAny));
}

TEST(CheckUrl, SaysWhatIsWrong) {
  const struct {
    std::string url;
    const char* want;
  } kCases[] = {
      {"gitlab.com", "must be a URL that begins"},
      {"ftp://acme.org", "must be a URL that begins"},
      {"HTTPS://acme.org", "must be a URL that begins"},
      {"https://", "has no host"},
      {"https:///x", "has no host"},
      {"https://a b", "is no URL"},
      {"https://acme.org\\@evil.org", "is no URL"},
      {"https://acme.org/\n", "is no URL"},
      {"https://acme.org@evil.org/", "must name no user"},
      {"https://acme.org?x", "no query"},
      {"https://acme.org/#x", "no fragment"},
      {"https://acme.org:99999", "has no host"},
      {"https://acme.org:0", "has no host"},
      {"https://-acme.org", "has no host"},
      {"http://acme.org", "loopback only"},
      {"http://localhost.acme.org", "loopback only"},
      {"http://127.0.0.1.acme.org", "loopback only"},
      {"http://[::1].acme.org", "has no host"},
      {"https://a/" + std::string(512, 'x'), "longer than 512"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = CheckUrl(c.url, UrlSchemes::kHttps);
    EXPECT_FALSE(status.ok()) << c.url;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.want)) << c.url;
  }
}

}  // namespace
}  // namespace countersign::server
