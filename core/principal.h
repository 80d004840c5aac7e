// Who is asking. Everything after the door takes a Principal; only auth/ makes
// one. A regular value.
#ifndef COUNTERSIGN_CORE_PRINCIPAL_H_
#define COUNTERSIGN_CORE_PRINCIPAL_H_

#include <map>
#include <set>
#include <string>

namespace countersign::core {

// Which kind of credential vouched for the subject. kNone: none did, as in the
// record of a call that was refused for want of one.
enum class CredentialKind { kClientCertificate, kBearerToken, kNone };

struct Principal {
  // Of a certificate: "spiffe://...", "email:..." or "subject:CN=...,O=..."
  // (RFC 2253 text). Of a token: "token:" and the claim that the configuration
  // calls the subject, or the SPIFFE ID of a JWT-SVID as it is.
  std::string subject;
  // Of a certificate: the issuer's distinguished name, RFC 2253 text. Of a
  // token: `iss` as it was verified.
  std::string issuer;
  CredentialKind credential = CredentialKind::kClientCertificate;
  // SHA-256 of the certificate (DER) or of the token (the octets that were
  // sent), lower-case hex: which credential exactly.
  std::string credential_fingerprint;
  // By the configuration's group rules, at the moment of the call.
  std::set<std::string> groups;
  // Whom the configuration names for this identity; empty: nobody in
  // particular.
  std::string person;
  // What a token proved, as its issuer spells it: {"repository", "acme/app"}.
  // Empty for a certificate.
  std::map<std::string, std::string> claims;
  // The issuer's key that the token's signature is good for: its RFC 7638
  // SHA-256 thumbprint, base64url. Empty for a certificate.
  std::string issuer_key;
  // A token that came over a connection with a client certificate: that one's
  // subject. It bounds the groups (docs/identity.md). Otherwise empty.
  std::string certificate_subject;

  // The same person or pipeline: subject and issuer, whatever the credential.
  bool SameIdentity(const Principal& o) const {
    return subject == o.subject && issuer == o.issuer;
  }
  // The same human by the configuration as it was for each of them.
  bool SamePerson(const Principal& o) const {
    return SameIdentity(o) || (!person.empty() && person == o.person);
  }
  bool operator==(const Principal& o) const {
    return SameIdentity(o) && credential == o.credential &&
           credential_fingerprint == o.credential_fingerprint &&
           groups == o.groups && person == o.person && claims == o.claims &&
           issuer_key == o.issuer_key &&
           certificate_subject == o.certificate_subject;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRINCIPAL_H_
