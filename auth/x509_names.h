// Names, times and uses out of an X.509 certificate as plain values: what
// certificate_identity and certificate_chain both read. Pure.
#ifndef COUNTERSIGN_AUTH_X509_NAMES_H_
#define COUNTERSIGN_AUTH_X509_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace countersign::auth {

// RFC 2253 text in UTF-8 ("CN=Ann,O=Example"); empty for an empty name.
// INVALID_ARGUMENT where an attribute holds control characters, NUL, text
// direction overrides, or octets that are no text.
absl::StatusOr<std::string> FormatName(const X509_NAME* name);

struct AlternativeNames {
  std::vector<std::string> uris;
  std::vector<std::string> emails;
};

// The URI and rfc822Name entries of subjectAltName, in order. INVALID_ARGUMENT
// where the extension is malformed or there twice, or where one of these holds
// anything but visible ASCII.
absl::StatusOr<AlternativeNames> ReadAlternativeNames(const X509* certificate);

struct ValidityPeriod {
  absl::Time not_before;
  absl::Time not_after;
};
absl::StatusOr<ValidityPeriod> ReadValidity(const X509* certificate);

// "2026-01-31T12:00:00Z", for messages.
std::string FormatUtc(absl::Time time);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_X509_NAMES_H_
