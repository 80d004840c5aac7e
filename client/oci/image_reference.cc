#include "client/oci/image_reference.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr char kDockerHub[] = "index.docker.io";
constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsPathPart(absl::string_view part) {
  if (part.empty() || !IsLowerOrDigit(part.front()) ||
      !IsLowerOrDigit(part.back())) {
    return false;
  }
  for (size_t i = 0; i < part.size();) {
    if (IsLowerOrDigit(part[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < part.size() && part[end] == part[i]) ++end;
    const size_t most = part[i] == '.'   ? 1
                        : part[i] == '_' ? 2
                        : part[i] == '-' ? part.size()
                                         : 0;
    if (end - i > most || !IsLowerOrDigit(part[end])) return false;
    i = end;
  }
  return true;
}

bool IsHostName(absl::string_view name) {
  if (name.empty() || !absl::ascii_isalnum(name.front())) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-') return false;
  }
  return !absl::StrContains(name, "..");
}

bool IsIpv6(absl::string_view text) {
  if (!absl::StrContains(text, ':')) return false;
  for (const char c : text) {
    if (!absl::ascii_isxdigit(c) && c != ':' && c != '.') return false;
  }
  return true;
}

bool IsHost(absl::string_view host) {
  absl::string_view port;
  bool has_port = false;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t close = host.find(']');
    if (close == host.npos || !IsIpv6(host.substr(0, close))) return false;
    port = host.substr(close + 1);
    if (port.empty()) return true;
    has_port = absl::ConsumePrefix(&port, ":");
    if (!has_port) return false;
  } else {
    const size_t colon = host.find(':');
    has_port = colon != host.npos;
    if (has_port) port = host.substr(colon + 1);
    if (!IsHostName(host.substr(0, colon))) return false;
  }
  int number = 0;
  return !has_port ||
         (port.find_first_not_of("0123456789") == port.npos &&
          absl::SimpleAtoi(port, &number) && number > 0 && number <= 65535);
}

// Docker takes any other first part for one of the repository.
bool LooksLikeHost(absl::string_view first) {
  return first.find_first_of(".:") != first.npos || first == "localhost";
}

// Takes the host off `rest`, which may be without one unless a scheme stood
// before it.
std::string TakeHost(absl::string_view& rest, bool has_scheme) {
  const size_t slash = rest.find('/');
  const absl::string_view first = rest.substr(0, slash);
  if (slash == rest.npos || (!has_scheme && !LooksLikeHost(first))) {
    return kDockerHub;
  }
  rest.remove_prefix(slash + 1);
  // Docker's own host has two names; simple signing knows the long one.
  if (first == "docker.io" || first == "registry-1.docker.io") {
    return kDockerHub;
  }
  return absl::AsciiStrToLower(first);
}

std::string WhatIsWrong(const ImageReference& r, bool has_tag) {
  if (!IsHost(r.host)) return "its host is none";
  // Else it would be another reference as soon as the scheme is left out.
  if (!LooksLikeHost(r.host)) {
    return "a host without \".\" needs its port, as in registry:443";
  }
  if (r.repository.empty()) return "it names no repository";
  if (r.repository.size() > kMaxName) return "its repository is too long";
  for (const absl::string_view part : absl::StrSplit(r.repository, '/')) {
    if (!IsPathPart(part)) {
      return "a repository is lower-case letters, digits and single \".\", "
             "\"_\" or \"-\" between them, in parts with \"/\"";
    }
  }
  if (has_tag && !IsOciTag(r.tag)) {
    return "a tag is 1 to 128 letters, digits, \"_\", \".\" or \"-\"";
  }
  return "";
}

}  // namespace

std::string ImageReference::Name() const {
  return absl::StrCat(host, "/", repository);
}

std::string ImageReference::Format() const {
  if (!digest.empty()) return absl::StrCat(Name(), "@", digest);
  if (!tag.empty()) return absl::StrCat(Name(), ":", tag);
  return Name();
}

bool IsOciTag(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTag || text[0] == '.' ||
      text[0] == '-') {
    return false;
  }
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '.' && c != '-') {
      return false;
    }
  }
  return true;
}

absl::StatusOr<ImageReference> ParseImageReference(absl::string_view text) {
  ImageReference reference;
  absl::string_view rest = text;
  for (const char* scheme : {"http", "https"}) {
    if (absl::ConsumePrefix(&rest, absl::StrCat(scheme, "://"))) {
      reference.scheme = scheme;
      break;
    }
  }
  const size_t at = rest.find('@');
  if (at != rest.npos) {
    reference.digest = std::string(rest.substr(at + 1));
    if (!IsOciDigest(reference.digest)) {
      return ReferenceInvalid(
          text, "a digest is \"sha256:\" and 64 lower-case hex digits");
    }
    rest = rest.substr(0, at);
  }
  reference.host = TakeHost(rest, !reference.scheme.empty());
  const size_t colon = rest.find(':');
  if (colon != rest.npos) {
    reference.tag = std::string(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
  }
  if (reference.host == kDockerHub && !rest.empty() &&
      !absl::StrContains(rest, '/')) {
    reference.repository = "library/";
  }
  absl::StrAppend(&reference.repository, rest);
  const std::string wrong = WhatIsWrong(reference, colon != rest.npos);
  if (!wrong.empty()) return ReferenceInvalid(text, wrong);
  return reference;
}

}  // namespace countersign::client
