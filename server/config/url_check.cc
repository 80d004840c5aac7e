#include "server/config/url_check.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/config/host_port.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxUrl = 512;

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

bool IsLoopback(absl::string_view authority) {
  absl::string_view host = authority;
  if (absl::StartsWith(host, "[::1]")) {
    host.remove_prefix(5);
    return host.empty() || host[0] == ':';
  }
  host = host.substr(0, host.find(':'));
  return host == "localhost" ||
         (absl::StartsWith(host, "127.") &&
          std::all_of(host.begin(), host.end(), [](unsigned char c) {
            return absl::ascii_isdigit(c) || c == '.';
          }));
}

// A port is optional in a URL, unlike in an address.
bool HasPort(absl::string_view authority) {
  const size_t bracket = authority.rfind(']');
  return authority.find(':',
                        bracket == absl::string_view::npos ? 0 : bracket) !=
         absl::string_view::npos;
}

}  // namespace

absl::Status CheckUrl(absl::string_view url, UrlSchemes schemes) {
  if (url.size() > kMaxUrl) return Wrong("is longer than 512 characters");
  if (!std::all_of(url.begin(), url.end(), [](unsigned char c) {
        return absl::ascii_isgraph(c) && c != '\\' && c != '"' && c != '<' &&
               c != '>';
      })) {
    return Wrong("is no URL: it has blanks or characters that none has");
  }
  absl::string_view rest = url;
  const bool https = absl::ConsumePrefix(&rest, "https://");
  if (!https && !absl::ConsumePrefix(&rest, "http://")) {
    return Wrong("must be a URL that begins with \"https://\"");
  }
  if (rest.find_first_of("?#") != absl::string_view::npos) {
    return Wrong("must have no query and no fragment (\"?\", \"#\")");
  }
  const absl::string_view authority = rest.substr(0, rest.find('/'));
  if (absl::StrContains(authority, '@')) return Wrong("must name no user");
  const absl::Status host =
      CheckHostPort(HasPort(authority) ? std::string(authority)
                                       : absl::StrCat(authority, ":443"));
  if (!host.ok() || absl::EndsWith(authority, ":0")) {
    return Wrong("has no host name that could be called");
  }
  if (!https && schemes == UrlSchemes::kHttps && !IsLoopback(authority)) {
    return Wrong(
        "must begin with \"https://\"; \"http://\" is taken for loopback only");
  }
  return absl::OkStatus();
}

}  // namespace countersign::server
