// What of an authority's own certificate goes into all that it issues, and what
// its key is given to sign. Called by issue_certificate.cc and issue_crl.cc
// only. Pure.
#ifndef COUNTERSIGN_AUTH_ISSUING_NAMES_H_
#define COUNTERSIGN_AUTH_ISSUING_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "core/issuing_ca.h"

namespace countersign::auth {

struct IssuingNames {
  base::X509Ptr certificate;   // the authority's own
  std::string subject;         // DER
  std::string key_identifier;  // its SKI, octets
};
// INTERNAL where `ca` did not come from ReadIssuingCa.
absl::StatusOr<IssuingNames> ReadIssuingNames(const core::IssuingCa& ca);

// Of `octets`, by ca.hash. INTERNAL for kUnhashed, which ReadIssuingCa refuses.
absl::StatusOr<std::string> DigestFor(const core::IssuingCa& ca,
                                      absl::string_view octets);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_ISSUING_NAMES_H_
