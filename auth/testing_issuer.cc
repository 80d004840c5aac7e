#include "auth/testing_issuer.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"

namespace countersign::auth {
namespace {

using base::Base64UrlEncode;
using base::Json;

void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(
      stderr, "testing_issuer: %s\n",
      base::OpensslError(absl::StatusCode::kInternal, what).ToString().c_str());
  std::abort();
}

const unsigned char* Octets(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Octets(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}

// A number of the key as OpenSSL names it, big-endian; `width` 0: no zeros
// before it.
std::string Number(EVP_PKEY* key, const char* name, int width) {
  BIGNUM* raw = nullptr;
  Check(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "no such number");
  const base::BignumPtr number(raw);
  const int size = width == 0 ? BN_num_bytes(raw) : width;
  std::string octets(static_cast<size_t>(size), '\0');
  Check(BN_bn2binpad(raw, Octets(octets), size) == size, "number too long");
  return octets;
}

int FieldOctets(EVP_PKEY* key) { return (EVP_PKEY_get_bits(key) + 7) / 8; }

void AddNumbers(EVP_PKEY* key, Json& jwk) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    jwk.Set("kty", "RSA");
    jwk.Set("n", Base64UrlEncode(Number(key, "n", 0)));
    jwk.Set("e", Base64UrlEncode(Number(key, "e", 0)));
  } else if (EVP_PKEY_is_a(key, "EC") == 1) {
    char group[64] = {};
    Check(EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1,
          "no curve");
    const std::string name = group;
    const int width = FieldOctets(key);
    jwk.Set("kty", "EC");
    jwk.Set("crv", name == "prime256v1"  ? "P-256"
                   : name == "secp384r1" ? "P-384"
                   : name == "secp521r1" ? "P-521"
                                         : name);
    jwk.Set("x", Base64UrlEncode(Number(key, "qx", width)));
    jwk.Set("y", Base64UrlEncode(Number(key, "qy", width)));
  } else {
    std::string octets(57, '\0');
    size_t size = octets.size();
    Check(EVP_PKEY_get_raw_public_key(key, Octets(octets), &size) == 1,
          "no raw key");
    octets.resize(size);
    jwk.Set("kty", "OKP");
    jwk.Set("crv", size == 32 ? "Ed25519" : "Ed448");
    jwk.Set("x", Base64UrlEncode(octets));
  }
}

std::string FixedWidth(absl::string_view der, int width) {
  const unsigned char* at = Octets(der);
  const base::EcdsaSigPtr signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Check(signature != nullptr, "not an ECDSA signature");
  std::string octets(2 * static_cast<size_t>(width), '\0');
  Check(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Octets(octets),
                     width) == width &&
            BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()),
                         Octets(octets) + width, width) == width,
        "number too long");
  return octets;
}

std::string SignWith(EVP_PKEY* key, const char* hash, bool pss, int salt,
                     absl::string_view input) {
  const base::EvpMdCtxPtr ctx(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* md = hash == nullptr ? nullptr : EVP_get_digestbyname(hash);
  Check(EVP_DigestSignInit(ctx.get(), &parameters, md, nullptr, key) == 1,
        "cannot sign with this key");
  if (pss) {
    Check(
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt) == 1,
        "cannot pad");
  }
  size_t size = static_cast<size_t>(EVP_PKEY_get_size(key));
  std::string signature(size, '\0');
  Check(EVP_DigestSign(ctx.get(), Octets(signature), &size, Octets(input),
                       input.size()) == 1,
        "cannot sign");
  signature.resize(size);
  return signature;
}

}  // namespace

TestingKey::TestingKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {
  Check(key != nullptr, "no key");
}

TestingKey TestingKey::Make(absl::string_view type) {
  uint32_t bits = 0;
  if (absl::StartsWith(type, "RSA") &&
      absl::SimpleAtoi(type.substr(3), &bits)) {
    return TestingKey(EVP_RSA_gen(bits));
  }
  if (absl::StartsWith(type, "Ed") || absl::StartsWith(type, "ED")) {
    return TestingKey(
        EVP_PKEY_Q_keygen(nullptr, nullptr, std::string(type).c_str()));
  }
  return TestingKey(EVP_EC_gen(std::string(type).c_str()));
}

TestingKey TestingKey::For(absl::string_view algorithm) {
  return Make(algorithm == "ES256"   ? "P-256"
              : algorithm == "ES384" ? "P-384"
              : algorithm == "ES512" ? "P-521"
              : algorithm == "EdDSA" ? "Ed25519"
                                     : "RSA2048");
}

TestingKey TestingKey::FromPem(const std::string& pem) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return TestingKey(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

Json TestingKey::Jwk(absl::string_view kid, absl::string_view alg,
                     absl::string_view use) const {
  Json jwk{Json::Object()};
  if (!kid.empty()) jwk.Set("kid", kid);
  if (!alg.empty()) jwk.Set("alg", alg);
  if (!use.empty()) jwk.Set("use", use);
  AddNumbers(key_.get(), jwk);
  return jwk;
}

std::string TestingKey::key_pem() const {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                      0, nullptr, nullptr) == 1,
        "cannot write a key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string TestingKey::spki() const {
  absl::StatusOr<std::string> der = base::SpkiDer(key_.get());
  Check(der.ok(), "cannot encode a public key");
  return *std::move(der);
}

std::string TestingKey::Sign(absl::string_view algorithm,
                             absl::string_view input, int salt) const {
  const bool edwards = algorithm == "EdDSA";
  const std::string hash =
      absl::StrCat("SHA", edwards ? "" : algorithm.substr(2));
  std::string signature =
      SignWith(key_.get(), edwards ? nullptr : hash.c_str(),
               absl::StartsWith(algorithm, "PS"), salt, input);
  if (!absl::StartsWith(algorithm, "ES")) return signature;
  return FixedWidth(signature, FieldOctets(key_.get()));
}

std::string TestingKey::SignDer(absl::string_view input) const {
  return SignWith(key_.get(), "SHA256", /*pss=*/false, 0, input);
}

std::string JwksText(const std::vector<Json>& keys) {
  return CompactJson(Json(Json::Object{{"keys", Json(keys)}}));
}

std::string SigningInput(absl::string_view header, absl::string_view payload) {
  return absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(payload));
}

std::string WithSignature(absl::string_view input, absl::string_view octets) {
  return absl::StrCat(input, ".", Base64UrlEncode(octets));
}

std::string Hs256(absl::string_view secret, absl::string_view input) {
  std::string octets(32, '\0');
  size_t size = 0;
  Check(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(),
                  secret.size(), Octets(input), input.size(), Octets(octets),
                  octets.size(), &size) != nullptr,
        "cannot make a MAC");
  return octets;
}

TestingIssuer::TestingIssuer(std::string issuer, std::string algorithm,
                             std::string kid)
    : issuer_(std::move(issuer)),
      algorithm_(std::move(algorithm)),
      kid_(std::move(kid)),
      key_(TestingKey::For(algorithm_)) {}

std::string TestingIssuer::Jwks() const { return JwksText({key_.Jwk(kid_)}); }

std::string TestingIssuer::Header() const {
  return CompactJson(
      Json(Json::Object{{"alg", algorithm_}, {"kid", kid_}, {"typ", "JWT"}}));
}

Json TestingIssuer::Claims(absl::Time now, const Json::Object& more) const {
  const int64_t seconds = absl::ToUnixSeconds(now);
  Json claims(Json::Object{{"iss", issuer_},
                           {"sub", "ann"},
                           {"aud", "countersign"},
                           {"iat", seconds},
                           {"nbf", seconds},
                           {"exp", seconds + 600},
                           {"jti", absl::StrCat("id-", seconds)}});
  for (const auto& [name, value] : more) {
    claims.Erase(name);
    if (!value.is_null()) claims.Set(name, value);
  }
  return claims;
}

std::string TestingIssuer::Token(const Json& claims) const {
  return RawToken(Header(), CompactJson(claims));
}

std::string TestingIssuer::Token(absl::Time now,
                                 const Json::Object& more) const {
  return Token(Claims(now, more));
}

std::string TestingIssuer::RawToken(absl::string_view header,
                                    absl::string_view payload) const {
  const std::string input = SigningInput(header, payload);
  return WithSignature(input, key_.Sign(algorithm_, input));
}

}  // namespace countersign::auth
