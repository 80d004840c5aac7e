// Who is asking. Everything after the door takes a Principal; only auth/ makes
// one. A regular value.
#ifndef COUNTERSIGN_CORE_PRINCIPAL_H_
#define COUNTERSIGN_CORE_PRINCIPAL_H_

#include <set>
#include <string>

namespace countersign::core {

// Which kind of credential vouched for the subject.
enum class CredentialKind { kClientCertificate };

struct Principal {
  // "spiffe://..." | "email:..." | "subject:CN=...,O=..." (RFC 2253 text).
  std::string subject;
  // The issuer's distinguished name, RFC 2253 text.
  std::string issuer;
  CredentialKind credential = CredentialKind::kClientCertificate;
  // SHA-256 of the certificate, lower-case hex: which credential exactly.
  std::string credential_fingerprint;
  // By the configuration's group rules, at the moment of the call.
  std::set<std::string> groups;

  // The same person or pipeline: subject and issuer, whatever the credential.
  bool SameIdentity(const Principal& o) const {
    return subject == o.subject && issuer == o.issuer;
  }
  bool operator==(const Principal& o) const {
    return SameIdentity(o) && credential == o.credential &&
           credential_fingerprint == o.credential_fingerprint &&
           groups == o.groups;
  }
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_PRINCIPAL_H_
