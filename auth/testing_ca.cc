#include "auth/testing_ca.h"

#include <arpa/inet.h>

#include <cstdio>
#include <cstdlib>

#include "base/pem.h"
#include "base/random.h"

namespace countersign::auth {
namespace {

using KeyPtr = std::shared_ptr<EVP_PKEY>;

void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(
      stderr, "testing_ca: %s\n",
      base::OpensslError(absl::StatusCode::kInternal, what).ToString().c_str());
  std::abort();
}

int AsInt(size_t size) { return static_cast<int>(size); }
const unsigned char* Octets(absl::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

KeyPtr MakeKey(absl::string_view type) {
  EVP_PKEY* key = nullptr;
  if (type == "RSA1024") {
    key = EVP_RSA_gen(1024);
  } else if (type == "RSA2048") {
    key = EVP_RSA_gen(2048);
  } else if (type == "Ed25519") {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  } else {
    key = EVP_EC_gen(std::string(type).c_str());
  }
  Check(key != nullptr, "cannot make a key");
  return KeyPtr(key, EVP_PKEY_free);
}

base::X509NamePtr MakeName(const CertificateSpec& spec) {
  base::X509NamePtr name(X509_NAME_new());
  for (const auto& [attribute, value] : spec.name) {
    // V_ASN1_UTF8STRING takes octets as they are; MBSTRING_UTF8 would check.
    Check(X509_NAME_add_entry_by_txt(name.get(), attribute.c_str(),
                                     V_ASN1_UTF8STRING, Octets(value),
                                     AsInt(value.size()), -1, 0) == 1,
          "cannot add a name");
  }
  return name;
}

void AddName(GENERAL_NAMES* names, int type, const std::string& text) {
  std::string octets = text;
  ASN1_STRING* value = nullptr;
  if (type == GEN_IPADD) {
    unsigned char address[4] = {};
    Check(inet_pton(AF_INET, text.c_str(), address) == 1, "not an address");
    octets.assign(reinterpret_cast<const char*>(address), sizeof(address));
    value = ASN1_OCTET_STRING_new();
  } else {
    value = ASN1_IA5STRING_new();
  }
  Check(ASN1_STRING_set(value, octets.data(), AsInt(octets.size())) == 1,
        "cannot set a name");
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  Check(sk_GENERAL_NAME_push(names, name) > 0, "cannot add a name");
}

void AddAlternativeNames(X509* certificate, const CertificateSpec& spec) {
  const base::GeneralNamesPtr names(sk_GENERAL_NAME_new_null());
  for (const std::string& s : spec.uris) AddName(names.get(), GEN_URI, s);
  for (const std::string& s : spec.emails) AddName(names.get(), GEN_EMAIL, s);
  for (const std::string& s : spec.dns_names) AddName(names.get(), GEN_DNS, s);
  for (const std::string& s : spec.ip_addresses) {
    AddName(names.get(), GEN_IPADD, s);
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return;
  Check(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(),
                          /*crit=*/0, X509V3_ADD_DEFAULT) == 1,
        "cannot add subjectAltName");
}

void AddExtension(X509* certificate, const std::string& name,
                  const std::string& value, X509* issuer) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf(nullptr, &context, name.c_str(), value.c_str());
  Check(extension != nullptr, "cannot make an extension");
  Check(X509_add_ext(certificate, extension, -1) == 1,
        "cannot add an extension");
  X509_EXTENSION_free(extension);
}

void AddExtensions(X509* certificate, const CertificateSpec& spec,
                   X509* issuer) {
  std::string constraints = spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  if (spec.path_length >= 0) {
    constraints += ",pathlen:" + std::to_string(spec.path_length);
  }
  AddExtension(certificate, "basicConstraints", constraints, issuer);
  if (!spec.key_usage.empty()) {
    AddExtension(certificate, "keyUsage", spec.key_usage, issuer);
  }
  if (!spec.extended_key_usage.empty()) {
    AddExtension(certificate, "extendedKeyUsage", spec.extended_key_usage,
                 issuer);
  }
  AddExtension(certificate, "subjectKeyIdentifier", "hash", issuer);
  if (issuer != certificate) {
    AddExtension(certificate, "authorityKeyIdentifier", "keyid:always", issuer);
  }
  AddAlternativeNames(certificate, spec);
  for (const auto& [name, value] : spec.extensions) {
    AddExtension(certificate, name, value, issuer);
  }
}

void SetTime(ASN1_TIME* field, absl::Time time) {
  Check(ASN1_TIME_set(field, absl::ToTimeT(time)) != nullptr,
        "cannot set a date");
}

// `issuer` is null for a self-signed certificate.
std::string Make(const CertificateSpec& spec, EVP_PKEY* key, X509* issuer,
                 EVP_PKEY* issuer_key) {
  const base::X509Ptr certificate(X509_new());
  X509* c = certificate.get();
  base::SystemRandom random;
  std::string serial = random.Bytes(16);
  serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40);  // positive
  const base::BignumPtr number(
      BN_bin2bn(Octets(serial), AsInt(serial.size()), nullptr));
  Check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(c)) != nullptr,
        "cannot set the serial number");
  Check(X509_set_version(c, X509_VERSION_3) == 1, "cannot set the version");
  const base::X509NamePtr name = MakeName(spec);
  Check(X509_set_subject_name(c, name.get()) == 1, "cannot set the subject");
  Check(X509_set_issuer_name(c, issuer == nullptr
                                    ? name.get()
                                    : X509_get_subject_name(issuer)) == 1,
        "cannot set the issuer");
  SetTime(X509_getm_notBefore(c), spec.not_before);
  SetTime(X509_getm_notAfter(c), spec.not_after);
  Check(X509_set_pubkey(c, key) == 1, "cannot set the key");
  AddExtensions(c, spec, issuer == nullptr ? c : issuer);
  const bool edwards = EVP_PKEY_is_a(issuer_key, "ED25519") == 1;
  Check(X509_sign(c, issuer_key,
                  edwards ? nullptr : EVP_get_digestbyname(spec.hash)) > 0,
        "cannot sign");
  absl::StatusOr<std::string> der = base::CertificateDer(c);
  Check(der.ok(), "cannot encode");
  return *std::move(der);
}

std::string KeyPem(EVP_PKEY* key) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0,
                                      nullptr, nullptr) == 1,
        "cannot write a key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

base::X509Ptr Parsed(absl::string_view der) {
  absl::StatusOr<base::X509Ptr> certificate = base::ParseCertificateDer(der);
  Check(certificate.ok(), "cannot read an own certificate");
  return *std::move(certificate);
}

}  // namespace

CertificateSpec CaSpec(absl::string_view common_name) {
  CertificateSpec spec;
  spec.name = {{"O", "Example"}, {"CN", std::string(common_name)}};
  spec.ca = true;
  spec.key_usage = "critical,keyCertSign,cRLSign";
  spec.extended_key_usage = "";
  return spec;
}

TestingCertificate TestingCertificate::SelfSigned(const CertificateSpec& spec) {
  KeyPtr key = MakeKey(spec.key_type);
  std::string der = Make(spec, key.get(), nullptr, key.get());
  return TestingCertificate(std::move(der), std::move(key));
}

TestingCertificate TestingCertificate::Issue(
    const CertificateSpec& spec) const {
  KeyPtr key = MakeKey(spec.key_type);
  std::string der = Make(spec, key.get(), Parsed(der_).get(), key_.get());
  return TestingCertificate(std::move(der), std::move(key));
}

std::string TestingCertificate::IssueFor(absl::string_view spki_der,
                                         const CertificateSpec& spec) const {
  absl::StatusOr<base::EvpPkeyPtr> key = base::ParseSpki(spki_der);
  Check(key.ok(), "not a public key");
  return base::FormatPem(
      {"CERTIFICATE",
       {},
       Make(spec, key->get(), Parsed(der_).get(), key_.get())});
}

std::string TestingCertificate::pem() const {
  return base::FormatPem({"CERTIFICATE", {}, der_});
}

std::string TestingCertificate::key_pem() const { return KeyPem(key_.get()); }

std::string TestingCertificate::spki() const {
  absl::StatusOr<std::string> der = base::SpkiDer(key_.get());
  Check(der.ok(), "cannot encode a public key");
  return *std::move(der);
}

std::string TestingKeyPem(absl::string_view type) {
  return KeyPem(MakeKey(type).get());
}

}  // namespace countersign::auth
