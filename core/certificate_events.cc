#include "core/certificate_events.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/time_text.h"
#include "core/product_events.h"

namespace countersign::core {
namespace {

using base::Json;

// Which certificate: what each of these leaves says.
void SetCertificate(const IssuedCertificate& certificate, Json& details) {
  details.Set("certificateAuthority", certificate.ca);
  details.Set("profile", certificate.profile);
  details.Set("serial", base::HexEncode(certificate.serial));
  details.Set("notBefore", base::TimeText(certificate.not_before));
  details.Set("notAfter", base::TimeText(certificate.not_after));
}

// What the authority's key signs.
void SetUse(const IssuingCa& ca, const std::string& digest, Json& details) {
  details.Set("algorithm", ToString(ca.algorithm));
  details.Set("hash", ToString(ca.hash));
  details.Set("digest", base::HexEncode(digest));
}

}  // namespace

Event CertificateIssuingEvent(const IssueCertificate& input,
                              const KeyVersion& key, absl::Time now) {
  Event event =
      KeyEvent(EventType::kCertificateIssuing, key, input.caller, now);
  SetCertificate(input.certificate, event.details);
  SetUse(input.ca, input.digest, event.details);
  event.details.Set("caSpkiSha256", base::Sha256Hex(input.ca.key.spki));
  event.details.Set("subject", input.subject);
  event.details.Set("renewal", input.renewal);
  if (input.renewal && key.renewal.has_value()) {
    const Principal& requester = key.renewal->requester;
    Json who = Json::Object{{"issuer", requester.issuer},
                            {"subject", requester.subject}};
    if (!requester.person.empty()) who.Set("person", requester.person);
    event.details.Set("requester", std::move(who));
    event.details.Set("reason", input.reason);
  }
  return event;
}

Event CertificateIssuedEvent(const IssueCertificate& input,
                             const KeyVersion& key, absl::Time now) {
  Event event = KeyEvent(EventType::kCertificateIssued, key, input.caller, now);
  SetCertificate(input.certificate, event.details);
  event.details.Set("caSpkiSha256", base::Sha256Hex(input.ca.key.spki));
  event.details.Set("subject", input.subject);
  event.details.Set("renewal", input.renewal);
  if (key.chain.has_value() && !key.chain->certificates.empty()) {
    Json::Array hashes;
    for (const std::string& der : key.chain->certificates) {
      hashes.push_back(base::Sha256Hex(der));
    }
    event.details.Set("certificateSha256", std::move(hashes));
    event.details.Set("certificate",
                      base::Base64Encode(key.chain->certificates.front()));
  }
  return event;
}

Event CertificateFailedEvent(const IssueCertificate& input,
                             const absl::Status& error, absl::Time now) {
  Event event;
  event.type = EventType::kCertificateFailed;
  event.time = now;
  event.actor = input.caller;
  event.resource = input.key_version.Format();
  event.operation = input.key_version.operation.Format();
  event.key_version = event.resource;
  event.details = Json::Object{
      {"certificateAuthority", input.ca.name},
      {"code", absl::StatusCodeToString(error.code())},
      {"reason", base::GetReason(error)},
      {"serial", base::HexEncode(input.certificate.serial)},
  };
  return event;
}

Event RenewalRequestedEvent(const KeyVersion& key, const Principal& actor,
                            absl::Time now) {
  Event event = KeyEvent(EventType::kRenewalRequested, key, actor, now);
  if (!key.issued.empty()) SetCertificate(key.issued.back(), event.details);
  return event;
}

Event CertificateRevokedEvent(const KeyVersion& key,
                              const IssuedCertificate& certificate,
                              bool published, absl::Time now) {
  const Revocation& revocation = *certificate.revocation;
  Event event =
      KeyEvent(EventType::kCertificateRevoked, key, revocation.revoker, now);
  SetCertificate(certificate, event.details);
  event.details.Set("certificateSha256", certificate.sha256);
  event.details.Set("comment", revocation.comment);
  event.details.Set("published", published);
  event.details.Set("revocationReason", ToString(revocation.reason));
  return event;
}

Event CrlSignedEvent(const SignCrl& input, absl::Time now) {
  Event event;
  event.type = EventType::kCrlSigned;
  event.time = now;
  event.actor = ServerPrincipal();
  event.resource = absl::StrCat("certificateAuthorities/", input.ca.name);
  event.details = Json::Object{
      {"caSpkiSha256", base::Sha256Hex(input.ca.key.spki)},
      {"nextUpdate", base::TimeText(input.next_update)},
      // 64 bits do not fit into a JSON number.
      {"number", absl::StrCat(input.number)},
      {"revoked", input.revoked},
      {"thisUpdate", base::TimeText(input.this_update)},
  };
  SetUse(input.ca, input.digest, event.details);
  return event;
}

}  // namespace countersign::core
