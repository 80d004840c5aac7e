#include "client/artifact/certificate_chain.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

constexpr char kUntrusted[] = "CERTIFICATE_UNTRUSTED";
// A chain longer than this is no code-signing chain.
constexpr int kMaxDepth = 10;

std::string NameText(const X509_NAME* name) {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  // UTF-8 stays readable; control characters are escaped by Quoted.
  if (bio == nullptr ||
      X509_NAME_print_ex(bio.get(), name, 0,
                         XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return "";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, size) : std::string();
}

absl::Status Untrusted(X509* certificate, absl::string_view why) {
  const std::string subject =
      certificate == nullptr
          ? std::string()
          : absl::StrCat(" (certificate ",
                         Quoted(NameText(X509_get_subject_name(certificate))),
                         ")");
  return BadInput(kUntrusted, absl::StrCat("the certificate chain is not "
                                           "trusted: ",
                                           why, subject));
}

absl::StatusOr<base::X509StackPtr> MakeStack(
    const std::vector<std::string>& certificates) {
  base::X509StackPtr stack(sk_X509_new_null());
  for (const std::string& der : certificates) {
    ASSIGN_OR_RETURN(base::X509Ptr certificate, base::ParseCertificateDer(der));
    if (stack == nullptr || sk_X509_push(stack.get(), certificate.get()) == 0) {
      return base::OpensslError(absl::StatusCode::kInternal, "X509 stack");
    }
    certificate.release();  // the stack owns it now
  }
  return stack;
}

// RFC 5280 4.2.1.12. A certificate without the extension is for everything.
bool AllowsCodeSigning(X509* certificate) {
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) return false;
  if ((flags & EXFLAG_XKUSAGE) == 0) return true;
  return (X509_get_extended_key_usage(certificate) &
          (XKU_CODE_SIGN | XKU_ANYEKU)) != 0;
}

// What X509_verify_cert does not ask for with purpose "any".
absl::Status CheckUsages(STACK_OF(X509) * chain) {
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (!AllowsCodeSigning(certificate)) {
      return Untrusted(certificate,
                       "its extended key usage does not list codeSigning");
    }
    // 1: basicConstraints with CA:TRUE, and keyCertSign where keyUsage is
    // there.
    if (i > 0 && X509_check_ca(certificate) != 1) {
      return Untrusted(certificate, "an issuer that is no CA certificate");
    }
    // Without the extension all bits are set.
    if (i == 0 &&
        (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0) {
      return Untrusted(certificate,
                       "its key usage does not list digitalSignature");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadCertificates(
    absl::string_view pem) {
  const absl::StatusOr<std::vector<base::PemBlock>> blocks =
      base::ParsePem(pem);
  if (!blocks.ok()) {
    return BadInput("CERTIFICATES_UNREADABLE", blocks.status().message());
  }
  std::vector<std::string> certificates;
  for (const base::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") continue;
    const absl::Status status =
        base::ParseCertificateDer(block.contents).status();
    if (!status.ok()) {
      return BadInput("CERTIFICATES_UNREADABLE", status.message());
    }
    certificates.push_back(block.contents);
  }
  if (certificates.empty()) {
    return BadInput("CERTIFICATES_UNREADABLE", "no CERTIFICATE block");
  }
  return certificates;
}

absl::Status CheckCertificateChain(const std::vector<std::string>& certificates,
                                   const std::vector<std::string>& roots,
                                   absl::Time now) {
  if (certificates.empty()) return Untrusted(nullptr, "no certificate");
  ASSIGN_OR_RETURN(const base::X509Ptr leaf,
                   base::ParseCertificateDer(certificates[0]));
  ASSIGN_OR_RETURN(const base::X509StackPtr others, MakeStack(certificates));
  ASSIGN_OR_RETURN(const base::X509StackPtr anchors, MakeStack(roots));
  const base::X509StorePtr store(X509_STORE_new());
  const base::X509StoreCtxPtr ctx(X509_STORE_CTX_new());
  if (store == nullptr || ctx == nullptr ||
      X509_STORE_CTX_init(ctx.get(), store.get(), leaf.get(), others.get()) !=
          1) {
    return base::OpensslError(absl::StatusCode::kInternal, "X509_STORE_CTX");
  }
  X509_STORE_CTX_set0_trusted_stack(ctx.get(), anchors.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(ctx.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_depth(param, kMaxDepth);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(now));
  if (X509_verify_cert(ctx.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(ctx.get());
    ERR_clear_error();
    return Untrusted(
        X509_STORE_CTX_get_current_cert(ctx.get()),
        absl::StrCat(X509_verify_cert_error_string(error), ", depth ",
                     X509_STORE_CTX_get_error_depth(ctx.get())));
  }
  return CheckUsages(X509_STORE_CTX_get0_chain(ctx.get()));
}

absl::StatusOr<std::string> CertificateSpki(absl::string_view der) {
  ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                   base::ParseCertificateDer(der));
  EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "certificate with a key that cannot be read");
  }
  return base::SpkiDer(key);
}

absl::StatusOr<std::string> CertificateSubject(absl::string_view der) {
  ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                   base::ParseCertificateDer(der));
  return NameText(X509_get_subject_name(certificate.get()));
}

absl::StatusOr<std::string> CertificateCommonName(absl::string_view der) {
  ASSIGN_OR_RETURN(const base::X509Ptr certificate,
                   base::ParseCertificateDer(der));
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return std::string();
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(
      &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  const base::OpensslString owner(reinterpret_cast<char*>(utf8));
  return size > 0 ? std::string(owner.get(), size) : std::string();
}

bool IsSelfSigned(absl::string_view der) {
  const absl::StatusOr<base::X509Ptr> certificate =
      base::ParseCertificateDer(der);
  return certificate.ok() &&
         X509_self_signed(certificate->get(), /*verify_signature=*/1) == 1;
}

}  // namespace countersign::client
