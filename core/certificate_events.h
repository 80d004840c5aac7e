// The leaves of certificates that the site's own authority issues, and of its
// CRLs; see docs/audit-format.md. Pure.
#ifndef COUNTERSIGN_CORE_CERTIFICATE_EVENTS_H_
#define COUNTERSIGN_CORE_CERTIFICATE_EVENTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/event.h"
#include "core/flows.h"
#include "core/product.h"

namespace countersign::core {

// The authority's key is about to be used for exactly this.
Event CertificateIssuingEvent(const IssueCertificate& input,
                              const KeyVersion& key, absl::Time now);
// `key` has the certificate, as the last of key.issued and as its chain.
Event CertificateIssuedEvent(const IssueCertificate& input,
                             const KeyVersion& key, absl::Time now);
// There is no certificate of that serial.
Event CertificateFailedEvent(const IssueCertificate& input,
                             const absl::Status& error, absl::Time now);

Event RenewalRequestedEvent(const KeyVersion& key, const Principal& actor,
                            absl::Time now);
// `published`: its chain is gone with it.
Event CertificateRevokedEvent(const KeyVersion& key,
                              const IssuedCertificate& certificate,
                              bool published, absl::Time now);

Event CrlSignedEvent(const SignCrl& input, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_CERTIFICATE_EVENTS_H_
