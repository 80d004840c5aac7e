// Certificates for tests, made in memory: roots, intermediates and leaves with
// any names, uses and dates, also hostile ones. Not for products: keys are not
// protected and nothing is checked. Faults of OpenSSL end the test's process.
#ifndef COUNTERSIGN_AUTH_TESTING_CA_H_
#define COUNTERSIGN_AUTH_TESTING_CA_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace countersign::auth {

// What a certificate shall say. Defaults: a client's leaf of the years 2025 to
// 2034 (base::FakeClock starts in 2026).
struct CertificateSpec {
  // Attributes in the order of the DER (RFC 2253 text shows them reversed):
  // {{"O", "Example"}, {"CN", "Ann"}}. Octets go in as they are.
  std::vector<std::pair<std::string, std::string>> name;
  // subjectAltName entries; octets go in as they are, NUL included.
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // "127.0.0.1"
  bool ca = false;
  int path_length = -1;  // of a CA; -1: none said
  // OpenSSL's words, "" for no such extension.
  std::string key_usage = "critical,digitalSignature";
  std::string extended_key_usage = "clientAuth";
  // Further extensions as {name, value}: {"nameConstraints", "..."}.
  std::vector<std::pair<std::string, std::string>> extensions;
  absl::Time not_before = absl::FromUnixSeconds(1735689600);  // 2025-01-01
  absl::Time not_after = absl::FromUnixSeconds(2051222400);   // 2035-01-01
  std::string key_type = "P-256";  // "P-384", "RSA1024", "RSA2048", "Ed25519"
  const char* hash = "SHA256";     // of the signature on it
};

// A CA's spec: CA:TRUE, keyCertSign and cRLSign, no extended key usage.
CertificateSpec CaSpec(absl::string_view common_name);

// A certificate with its private key, able to issue others. A regular value.
class TestingCertificate {
 public:
  static TestingCertificate SelfSigned(const CertificateSpec& spec);

  // Whatever this one is: a leaf can issue, too.
  TestingCertificate Issue(const CertificateSpec& spec) const;
  // For a key that is elsewhere, in a token say: the PEM alone.
  std::string IssueFor(absl::string_view spki_der,
                       const CertificateSpec& spec) const;

  std::string pem() const;
  const std::string& der() const { return der_; }
  std::string key_pem() const;  // PKCS#8, not encrypted
  std::string spki() const;     // DER

 private:
  TestingCertificate(std::string der, std::shared_ptr<EVP_PKEY> key)
      : der_(std::move(der)), key_(std::move(key)) {}

  std::string der_;
  std::shared_ptr<EVP_PKEY> key_;
};

// A fresh private key, PKCS#8 PEM; `type` as CertificateSpec::key_type.
std::string TestingKeyPem(absl::string_view type);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TESTING_CA_H_
