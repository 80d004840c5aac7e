// Tokens and their issuers for tests, made in memory: keys, JWK Sets and tokens
// with any header and payload, signed rightly or wrongly. Not for products:
// nothing is checked. Faults of OpenSSL end the test's process.
#ifndef COUNTERSIGN_AUTH_TESTING_ISSUER_H_
#define COUNTERSIGN_AUTH_TESTING_ISSUER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/openssl.h"

namespace countersign::auth {

// A key pair of an issuer. A regular value.
class TestingKey {
 public:
  // "RSA2048", or "RSA" with another size; "P-256", "P-384", "P-521",
  // "secp256k1"; "Ed25519", "ED448".
  static TestingKey Make(absl::string_view type);
  // The kind of key that the algorithm takes: RS*, PS*, ES*, EdDSA.
  static TestingKey For(absl::string_view algorithm);
  static TestingKey FromPem(const std::string& pem);

  // {"kty":..., "kid":..., "alg":..., "use":"sig", ...}; members that are given
  // empty are left out. For private parts and other faults: Set what is wrong.
  base::Json Jwk(absl::string_view kid, absl::string_view alg = "",
                 absl::string_view use = "sig") const;
  std::string key_pem() const;  // PKCS#8, not encrypted
  std::string spki() const;     // DER

  // Octets as JWS has them (RFC 7518 3): ECDSA is r and s of fixed width.
  // `algorithm` is RS256 to EdDSA and need not fit the key's size or curve.
  // `salt` is OpenSSL's number, for PS*.
  std::string Sign(absl::string_view algorithm, absl::string_view input,
                   int salt = RSA_PSS_SALTLEN_DIGEST) const;
  // ECDSA as X.509 has it, which a JWS must not.
  std::string SignDer(absl::string_view input) const;

 private:
  explicit TestingKey(EVP_PKEY* key);

  std::shared_ptr<EVP_PKEY> key_;
};

// {"keys":[...]}
std::string JwksText(const std::vector<base::Json>& keys);

// "HEADER.PAYLOAD" of texts that are written as they are, so that members may
// come twice and octets need not be UTF-8.
std::string SigningInput(absl::string_view header, absl::string_view payload);
// "INPUT.SIGNATURE"
std::string WithSignature(absl::string_view input, absl::string_view octets);
// HMAC-SHA256: what somebody writes who takes a public key for a secret.
std::string Hs256(absl::string_view secret, absl::string_view input);

// An issuer with one key. A regular value.
class TestingIssuer {
 public:
  explicit TestingIssuer(std::string issuer, std::string algorithm = "ES256",
                         std::string kid = "k1");

  const std::string& issuer() const { return issuer_; }
  const TestingKey& key() const { return key_; }
  const std::string& kid() const { return kid_; }
  std::string Jwks() const;

  // {"alg":...,"kid":...,"typ":"JWT"}
  std::string Header() const;
  // iss, sub "ann", aud "countersign", iat and nbf `now`, exp ten minutes
  // later, a jti; members of `more` replace those and come after them, null
  // leaves a member out.
  base::Json Claims(absl::Time now, const base::Json::Object& more = {}) const;
  // A good token of Header and these claims, or of any texts.
  std::string Token(const base::Json& claims) const;
  std::string Token(absl::Time now, const base::Json::Object& more = {}) const;
  std::string RawToken(absl::string_view header,
                       absl::string_view payload) const;

 private:
  std::string issuer_;
  std::string algorithm_;
  std::string kid_;
  TestingKey key_;
};

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_TESTING_ISSUER_H_
