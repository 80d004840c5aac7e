#include "client/api/test_identities.h"

#include <cstdlib>
#include <ctime>
#include <fstream>

namespace countersign::client {
namespace {

base::EvpPkeyPtr MakeKey() { return base::EvpPkeyPtr(EVP_EC_gen("P-256")); }

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string CertificatePem(X509* certificate) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Contents(bio.get());
}

std::string KeyPem(EVP_PKEY* key) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  return Contents(bio.get());
}

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

base::X509Ptr MakeCertificate(const std::string& common_name, EVP_PKEY* key,
                              absl::Time not_before, absl::Time not_after,
                              X509* issuer, EVP_PKEY* issuer_key) {
  base::X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()),
                   static_cast<long>(common_name.size()) + 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()),
                absl::ToTimeT(not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()),
                absl::ToTimeT(not_after));
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), issuer == nullptr
                                              ? name
                                              : X509_get_subject_name(issuer));
  AddExtension(certificate.get(), NID_basic_constraints,
               issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (issuer != nullptr) {
    AddExtension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1");
  }
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

// Certificates are checked against the real clock by gRPC.
absl::Time Now() { return absl::FromTimeT(std::time(nullptr)); }

}  // namespace

TestCa::TestCa(const std::string& name)
    : key_(MakeKey()),
      certificate_(MakeCertificate(name, key_.get(), Now() - absl::Hours(1),
                                   Now() + absl::Hours(1), nullptr,
                                   key_.get())),
      pem_(CertificatePem(certificate_.get())) {}

Identity TestCa::Issue(const std::string& common_name, absl::Time not_before,
                       absl::Time not_after) const {
  const base::EvpPkeyPtr key = MakeKey();
  const base::X509Ptr certificate =
      MakeCertificate(common_name, key.get(), not_before, not_after,
                      certificate_.get(), key_.get());
  return {CertificatePem(certificate.get()), KeyPem(key.get())};
}

Identity TestCa::Issue(const std::string& common_name) const {
  return Issue(common_name, Now() - absl::Hours(1), Now() + absl::Hours(1));
}

std::string WriteTestFile(const std::string& name, const std::string& text) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace countersign::client
