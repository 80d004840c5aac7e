#include "auth/subject_syntax.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxSpiffeOctets = 2048;      // SPIFFE-ID 2.3
constexpr size_t kMaxTrustDomainOctets = 255;  // SPIFFE-ID 2.1
constexpr size_t kMaxEmailOctets = 254;        // RFC 5321 4.5.3.1.3

absl::Status Wrong(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", base::EscapeForDisplay(text), "\" ", why));
}

bool IsTrustDomainCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' ||
         c == '-' || c == '_';
}

bool IsPathCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
}

// RFC 5322 3.2.3 atext, and the dot.
bool IsLocalCharacter(char c) {
  return absl::ascii_isalnum(c) ||
         (c != '\0' && absl::StrContains("!#$%&'*+-/=?^_`{|}~.", c));
}

bool IsDomainCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '-';
}

bool All(absl::string_view text, bool (*fits)(char)) {
  return std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

absl::Status CheckSpiffeId(absl::string_view id) {
  absl::string_view rest = id;
  if (!absl::ConsumePrefix(&rest, kSpiffePrefix)) {
    return Wrong(id, "is not a SPIFFE ID: it must start with \"spiffe://\"");
  }
  if (id.size() > kMaxSpiffeOctets) {
    return Wrong(id.substr(0, 64), "... is longer than 2048 octets");
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, '/');
  const absl::string_view domain = parts[0];
  if (domain.empty() || domain.size() > kMaxTrustDomainOctets ||
      !All(domain, IsTrustDomainCharacter)) {
    return Wrong(id,
                 "has a malformed trust domain: 1 to 255 lower-case letters, "
                 "digits, \".\", \"-\" and \"_\" are allowed");
  }
  if (parts.size() == 1) {
    return Wrong(id, "has no path: a trust domain alone names no workload");
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty() || parts[i] == "." || parts[i] == ".." ||
        !All(parts[i], IsPathCharacter)) {
      return Wrong(id,
                   "has a malformed path: segments are letters, digits, "
                   "\".\", \"-\" and \"_\", none empty, \".\" or \"..\"");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEmail(absl::string_view address) {
  const std::vector<absl::string_view> parts = absl::StrSplit(address, '@');
  if (parts.size() != 2 || address.size() > kMaxEmailOctets ||
      parts[0].empty() || !All(parts[0], IsLocalCharacter) ||
      parts[1].empty() || !All(parts[1], IsDomainCharacter) ||
      absl::StartsWith(parts[1], ".") || absl::EndsWith(parts[1], ".") ||
      absl::StrContains(parts[1], "..")) {
    return Wrong(address.substr(0, kMaxEmailOctets),
                 "is not an e-mail address of the form name@domain");
  }
  return absl::OkStatus();
}

std::string CanonicalSubject(absl::string_view subject) {
  return absl::StartsWith(subject, kEmailPrefix)
             ? absl::AsciiStrToLower(subject)
             : std::string(subject);
}

}  // namespace countersign::auth
