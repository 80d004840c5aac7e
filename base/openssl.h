// Owners for OpenSSL's C types and the few operations on them that several
// rooms need. OpenSSL is reached only through this header.
#ifndef COUNTERSIGN_BASE_OPENSSL_H_
#define COUNTERSIGN_BASE_OPENSSL_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::base {

template <auto kFree>
struct SslDeleter {
  template <typename T>
  void operator()(T* p) const {
    kFree(p);
  }
};

struct X509StackDeleter {
  void operator()(STACK_OF(X509) * s) const { sk_X509_pop_free(s, X509_free); }
};
struct GeneralNamesDeleter {
  void operator()(GENERAL_NAMES* n) const { GENERAL_NAMES_free(n); }
};
struct OpensslStringDeleter {
  void operator()(void* p) const { OPENSSL_free(p); }
};

using BioPtr = std::unique_ptr<BIO, SslDeleter<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, SslDeleter<BN_free>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, SslDeleter<EVP_PKEY_free>>;
using EvpPkeyCtxPtr =
    std::unique_ptr<EVP_PKEY_CTX, SslDeleter<EVP_PKEY_CTX_free>>;
using EvpMdCtxPtr = std::unique_ptr<EVP_MD_CTX, SslDeleter<EVP_MD_CTX_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, SslDeleter<ECDSA_SIG_free>>;
using X509Ptr = std::unique_ptr<X509, SslDeleter<X509_free>>;
using X509ReqPtr = std::unique_ptr<X509_REQ, SslDeleter<X509_REQ_free>>;
using X509NamePtr = std::unique_ptr<X509_NAME, SslDeleter<X509_NAME_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, SslDeleter<X509_STORE_free>>;
using X509StoreCtxPtr =
    std::unique_ptr<X509_STORE_CTX, SslDeleter<X509_STORE_CTX_free>>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackDeleter>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, GeneralNamesDeleter>;
using OpensslString = std::unique_ptr<char, OpensslStringDeleter>;

// Drains the thread's error queue into an error: "context: reason; reason".
absl::Status OpensslError(absl::StatusCode code, absl::string_view context);

// `name` is OpenSSL's: "SHA256", "SHA384", "SHA512".
std::string Digest(const char* name, absl::string_view octets);
inline std::string Sha256(absl::string_view octets) {
  return Digest("SHA256", octets);
}

// A hash over octets that come in pieces (streaming a file).
class StreamingDigest {
 public:
  explicit StreamingDigest(const char* name);
  void Update(absl::string_view octets);
  std::string Finish();

 private:
  EvpMdCtxPtr ctx_;
};

// SubjectPublicKeyInfo, DER (RFC 5280 4.1.2.7), from and to.
absl::StatusOr<EvpPkeyPtr> ParseSpki(absl::string_view der);
absl::StatusOr<std::string> SpkiDer(EVP_PKEY* key);
// "-----BEGIN PUBLIC KEY-----" text of an SPKI, and its reading (also from a
// CERTIFICATE block, whose key is taken).
std::string SpkiPem(absl::string_view spki_der);
absl::StatusOr<std::string> SpkiFromPem(absl::string_view pem);

absl::StatusOr<X509Ptr> ParseCertificateDer(absl::string_view der);
absl::StatusOr<std::string> CertificateDer(X509* certificate);

// True where `a` and `b` are equal; time depends on the sizes alone.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_OPENSSL_H_
