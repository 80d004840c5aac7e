#include "client/artifact/test_certificates.h"

#include <cstdio>
#include <cstdlib>

#include "base/pem.h"

namespace countersign::client {
namespace {

void Must(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "test_certificates: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

void AddExtension(X509* certificate, X509* issuer, int nid,
                  const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx(&ctx, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &ctx, nid, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1,
       "extension");
  X509_EXTENSION_free(extension);
}

void SetName(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  Must(X509_NAME_add_entry_by_txt(
           name, "CN", MBSTRING_UTF8,
           reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
           0) == 1,
       "name");
}

}  // namespace

absl::Time TestNow() { return absl::FromUnixSeconds(1790000000); }

base::EvpPkeyPtr MakeRsaKey(int bits) {
  base::EvpPkeyPtr key(EVP_RSA_gen(bits));
  Must(key != nullptr, "RSA key");
  return key;
}

base::EvpPkeyPtr MakeEcKey() {
  base::EvpPkeyPtr key(EVP_EC_gen("P-256"));
  Must(key != nullptr, "EC key");
  return key;
}

std::string PublicKeyPem(EVP_PKEY* key) {
  return base::SpkiPem(*base::SpkiDer(key));
}

std::string MakeCertificate(const CertificateSpec& spec, EVP_PKEY* subject_key,
                            const std::string* issuer, EVP_PKEY* issuer_key) {
  const base::X509Ptr certificate(X509_new());
  Must(certificate != nullptr, "X509");
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 1000 + spec.ca);
  ASN1_TIME_set(X509_getm_notBefore(x), absl::ToTimeT(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x), absl::ToTimeT(spec.not_after));
  SetName(x, spec.common_name);
  Must(X509_set_pubkey(x, subject_key) == 1, "public key");
  base::X509Ptr issuer_x;
  if (issuer != nullptr) issuer_x = *base::ParseCertificateDer(*issuer);
  X509* by = issuer_x == nullptr ? x : issuer_x.get();
  X509_set_issuer_name(x, X509_get_subject_name(by));
  if (spec.basic_constraints) {
    AddExtension(x, by, NID_basic_constraints,
                 spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  }
  if (!spec.extended_key_usage.empty()) {
    AddExtension(x, by, NID_ext_key_usage, spec.extended_key_usage);
  }
  if (!spec.key_usage.empty()) {
    AddExtension(x, by, NID_key_usage, spec.key_usage);
  }
  Must(X509_sign(x, issuer_key, EVP_sha256()) > 0, "signature");
  return *base::CertificateDer(x);
}

const TestChain& SharedChain() {
  static const TestChain* const chain = [] {
    auto* made = new TestChain;
    made->root_key = MakeRsaKey();
    made->intermediate_key = MakeRsaKey();
    made->leaf_key = MakeRsaKey();
    CertificateSpec root;
    root.common_name = "Test Root";
    root.ca = true;
    made->root = MakeCertificate(root, made->root_key.get(), nullptr,
                                 made->root_key.get());
    CertificateSpec intermediate;
    intermediate.common_name = "Test Intermediate";
    intermediate.ca = true;
    made->intermediate =
        MakeCertificate(intermediate, made->intermediate_key.get(), &made->root,
                        made->root_key.get());
    CertificateSpec leaf;
    leaf.common_name = "release";
    leaf.extended_key_usage = "codeSigning";
    leaf.key_usage = "critical,digitalSignature";
    made->leaf =
        MakeCertificate(leaf, made->leaf_key.get(), &made->intermediate,
                        made->intermediate_key.get());
    return made;
  }();
  return *chain;
}

std::string CertificatePem(const std::vector<std::string>& certificates) {
  std::string text;
  for (const std::string& der : certificates) {
    base::PemBlock block;
    block.label = "CERTIFICATE";
    block.contents = der;
    text += base::FormatPem(block);
  }
  return text;
}

std::string SignDigest(EVP_PKEY* key, base::SignatureScheme scheme,
                       HashAlgorithm hash, absl::string_view digest, int salt) {
  const EVP_MD* md = EVP_get_digestbyname(OpensslHashName(hash));
  const base::EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new(key, nullptr));
  Must(EVP_PKEY_sign_init(ctx.get()) == 1, "sign_init");
  if (scheme == base::SignatureScheme::kRsaPss) {
    EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx.get(), salt);
  } else if (scheme == base::SignatureScheme::kRsaPkcs1) {
    EVP_PKEY_CTX_set_rsa_padding(ctx.get(), RSA_PKCS1_PADDING);
  }
  Must(EVP_PKEY_CTX_set_signature_md(ctx.get(), md) == 1, "hash");
  const auto* data = reinterpret_cast<const unsigned char*>(digest.data());
  size_t size = 0;
  Must(EVP_PKEY_sign(ctx.get(), nullptr, &size, data, digest.size()) == 1,
       "size");
  std::string signature(size, '\0');
  Must(EVP_PKEY_sign(ctx.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     data, digest.size()) == 1,
       "sign");
  signature.resize(size);
  return signature;
}

}  // namespace countersign::client
