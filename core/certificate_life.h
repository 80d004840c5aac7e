// When certificates of the site's own authority are due: pure answers for the
// flows and for those who start them (server/). Changes are flows (flows.h).
#ifndef COUNTERSIGN_CORE_CERTIFICATE_LIFE_H_
#define COUNTERSIGN_CORE_CERTIFICATE_LIFE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/names.h"
#include "core/policy.h"
#include "core/product.h"

namespace countersign::core {

// Whether the site's own authority issues the operation's certificates.
bool IsIssuedInside(const Operation& operation);

// The newest certificate of `key` that is not revoked; nullptr where there is
// none.
const IssuedCertificate* CurrentCertificate(const KeyVersion& key);

// OK, or why `key` may get no certificate: not issued inside, not in use, not
// ENABLED, or a certificate of it was revoked because the key is compromised.
absl::Status CheckMayBeCertified(const Product& product,
                                 const Operation& operation,
                                 const KeyVersion& key);

// The key versions of `product` that should have a certificate of the site's
// own authority and never had one.
std::vector<KeyVersionName> CertificatesToIssue(const Product& product);

// The key versions whose certificate is due for renewal and for which none
// waits; those that a newer one with a certificate has replaced are left alone.
std::vector<KeyVersionName> RenewalsDue(const Product& product,
                                        const Policy& policy, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_CERTIFICATE_LIFE_H_
