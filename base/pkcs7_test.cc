#include "base/pkcs7.h"

#include <openssl/pkcs7.h>

#include <memory>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

// A certificate that nothing is asked of.
std::string Certificate(const char* name) {
  const EvpPkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr x509(X509_new());
  X509_set_version(x509.get(), X509_VERSION_3);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 60);
  X509_set_pubkey(x509.get(), key.get());
  EXPECT_GT(X509_sign(x509.get(), key.get(), EVP_sha256()), 0);
  const auto der = CertificateDer(x509.get());
  EXPECT_OK(der);
  return *der;
}

struct Pkcs7Deleter {
  void operator()(PKCS7* p) const { PKCS7_free(p); }
};

// As `openssl pkcs7 -print_certs` finds them.
std::vector<std::string> Read(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<PKCS7, Pkcs7Deleter> read(
      d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  std::vector<std::string> out;
  if (read == nullptr || !PKCS7_type_is_signed(read.get())) return out;
  EXPECT_EQ(at,
            reinterpret_cast<const unsigned char*>(der.data()) + der.size());
  STACK_OF(X509)* all = read->d.sign->cert;
  for (int i = 0; i < sk_X509_num(all); ++i) {
    const auto one = CertificateDer(sk_X509_value(all, i));
    EXPECT_OK(one);
    out.push_back(*one);
  }
  return out;
}

TEST(Pkcs7Test, OpensslFindsTheCertificatesInTheirOrder) {
  const std::vector<std::string> chain = {
      Certificate("leaf"), Certificate("issuing"), Certificate("a")};
  EXPECT_EQ(Read(Pkcs7Certificates(chain)), chain);
  EXPECT_EQ(Read(Pkcs7Certificates({chain[2]})),
            std::vector<std::string>{chain[2]});
}

}  // namespace
}  // namespace countersign::base
