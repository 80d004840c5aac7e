#include "server/config/host_port.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace countersign::server {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      what, "; right would be \"127.0.0.1:8443\" or \"[::]:8443\""));
}

bool IsPort(absl::string_view port) {
  if (port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), absl::ascii_isdigit)) {
    return false;
  }
  return std::stoi(std::string(port)) <= 65535;
}

bool IsIpv6(absl::string_view host) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

// RFC 1123 2.1; what has only digits and dots must be an IPv4 address.
bool IsHostName(const std::string& host) {
  if (host.size() > 253) return false;
  if (host.find_first_not_of("0123456789.") == std::string::npos) {
    in_addr address;
    return inet_pton(AF_INET, host.c_str(), &address) == 1;
  }
  const std::vector<std::string> labels = absl::StrSplit(host, '.');
  return std::all_of(labels.begin(), labels.end(), [](const std::string& l) {
    return !l.empty() && l.size() <= 63 && l.front() != '-' &&
           l.back() != '-' && std::all_of(l.begin(), l.end(), [](char c) {
             return absl::ascii_isalnum(c) || c == '-';
           });
  });
}

}  // namespace

absl::Status CheckHostPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return Wrong("has no port");
  if (!IsPort(address.substr(colon + 1))) {
    return Wrong("must end in a port from 0 to 65535");
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]") || !IsIpv6(host)) {
      return Wrong("is no IPv6 address in brackets and a port");
    }
    return absl::OkStatus();
  }
  if (host.find(':') != absl::string_view::npos) {
    return Wrong("needs brackets around an IPv6 address");
  }
  if (!IsHostName(std::string(host))) {
    return Wrong("is no host name or address and a port");
  }
  return absl::OkStatus();
}

}  // namespace countersign::server
