#include "auth/certificate_chain.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/x509_names.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxOctets = 64 << 10;
constexpr size_t kMaxCertificates = 10;
// SHA-224 and RSA-2048 have it, SHA-1 and RSA-1024 do not (NIST SP 800-57).
constexpr int kMinSecurityBits = 112;

using Certificates = std::vector<base::X509Ptr>;

absl::Status Wrong(absl::string_view why) {
  base::ErrorDetails details;
  details.reason = "BAD_CERTIFICATE_CHAIN";
  return base::MakeError(absl::StatusCode::kInvalidArgument, why, details);
}

// `place` counts from 0; people count from 1.
absl::Status WrongAt(size_t place, absl::string_view why) {
  base::ErrorDetails details;
  details.reason = "BAD_CERTIFICATE_CHAIN";
  details.metadata["certificate"] = absl::StrCat(place + 1);
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(place == 0 ? "the leaf (certificate 1)"
                              : absl::StrCat("certificate ", place + 1),
                   " ", why),
      details);
}

absl::StatusOr<Certificates> Parse(absl::string_view pem) {
  if (pem.size() > kMaxOctets) {
    return Wrong("the chain has more than 64 KiB");
  }
  absl::StatusOr<std::vector<base::PemBlock>> blocks = base::ParsePem(pem);
  if (!blocks.ok()) return Wrong(blocks.status().message());
  if (blocks->empty()) {
    return Wrong(
        "the chain is empty; send PEM blocks CERTIFICATE, the leaf first");
  }
  if (blocks->size() > kMaxCertificates) {
    return Wrong(absl::StrCat("the chain has ", blocks->size(),
                              " blocks; at most 10 are allowed"));
  }
  Certificates chain;
  for (size_t i = 0; i < blocks->size(); ++i) {
    const base::PemBlock& block = (*blocks)[i];
    if (block.label != "CERTIFICATE") {
      return Wrong(absl::StrCat("block ", i + 1, " is ",
                                base::EscapeForDisplay(block.label),
                                "; only CERTIFICATE blocks belong here"));
    }
    absl::StatusOr<base::X509Ptr> certificate =
        base::ParseCertificateDer(block.contents);
    if (!certificate.ok()) {
      return WrongAt(
          i, absl::StrCat("cannot be read: ", certificate.status().message()));
    }
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

// For messages only: a broken name is shown as its fault.
std::string NameFor(const X509_NAME* name) {
  absl::StatusOr<std::string> text = FormatName(name);
  return text.ok() ? absl::StrCat("\"", *text, "\"")
                   : std::string(text.status().message());
}

bool SameName(const X509_NAME* a, const X509_NAME* b) {
  return X509_NAME_cmp(a, b) == 0;
}

bool IsSelfSigned(X509* certificate) {
  return SameName(X509_get_subject_name(certificate),
                  X509_get_issuer_name(certificate)) &&
         X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
}

absl::Status CheckStrength(size_t place, X509* certificate) {
  // Codes of OpenSSL are drained: the sentences below say it.
  ERR_clear_error();
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return WrongAt(place, "has a key that cannot be read");
  if (EVP_PKEY_get_security_bits(key) < kMinSecurityBits) {
    return WrongAt(place,
                   "has a weak key; RSA needs 2048 bits or more, or take "
                   "P-256, P-384 or P-521");
  }
  int hash = 0;
  int algorithm = 0;
  int bits = 0;
  uint32_t flags = 0;
  if (X509_get_signature_info(certificate, &hash, &algorithm, &bits, &flags) !=
          1 ||
      bits < kMinSecurityBits) {
    return WrongAt(place,
                   "is signed with a weak or unknown algorithm; SHA-256, "
                   "SHA-384 or SHA-512 would be right");
  }
  return absl::OkStatus();
}

absl::Status CheckTime(size_t place, const X509* certificate, absl::Time now) {
  absl::StatusOr<ValidityPeriod> period = ReadValidity(certificate);
  if (!period.ok()) return WrongAt(place, period.status().message());
  if (now < period->not_before) {
    return WrongAt(place, absl::StrCat("is not valid before ",
                                       FormatUtc(period->not_before)));
  }
  if (now > period->not_after) {
    return WrongAt(place,
                   absl::StrCat("expired at ", FormatUtc(period->not_after),
                                "; have a new one issued"));
  }
  return absl::OkStatus();
}

// Also has OpenSSL read the extensions, which the checks below ask for.
absl::Status CheckExtensions(size_t place, X509* certificate) {
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) {
    return WrongAt(place, "has malformed extensions");
  }
  if ((flags & EXFLAG_CRITICAL) != 0) {
    return WrongAt(place, "has an unknown critical extension");
  }
  return absl::OkStatus();
}

absl::Status CheckLeaf(X509* leaf, absl::string_view spki) {
  absl::StatusOr<std::string> key = base::SpkiDer(X509_get0_pubkey(leaf));
  if (!key.ok() || *key != spki) {
    return WrongAt(0,
                   "does not fit the key: its public key is another one; send "
                   "a certificate made from this key version's CSR, leaf "
                   "first");
  }
  if (IsSelfSigned(leaf)) {
    return WrongAt(0, "is self-signed; have a CA issue it from the CSR");
  }
  const uint32_t flags = X509_get_extension_flags(leaf);
  if ((flags & EXFLAG_CA) != 0) {
    return WrongAt(0, "is a CA's (CA:TRUE); a code signer's has CA:FALSE");
  }
  if ((flags & EXFLAG_XKUSAGE) == 0 ||
      (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN) == 0) {
    return WrongAt(0,
                   "is not for code signing: its extended key usage must "
                   "include codeSigning");
  }
  if ((flags & EXFLAG_KUSAGE) == 0 ||
      (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0) {
    return WrongAt(0, "must have key usage digitalSignature");
  }
  return absl::OkStatus();
}

absl::Status CheckIntermediate(size_t place, X509* certificate) {
  if (IsSelfSigned(certificate)) {
    return WrongAt(place,
                   "is self-signed, a root; leave the root out: who verifies "
                   "has it already");
  }
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_CA) == 0) {
    return WrongAt(place, "is no CA's; all after the leaf need CA:TRUE");
  }
  // Where there is no key usage extension the answer is all ones.
  if ((flags & EXFLAG_KUSAGE) == 0 ||
      (X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN) == 0) {
    return WrongAt(place, "must have key usage keyCertSign");
  }
  return absl::OkStatus();
}

// The issuer of chain[place] must be chain[place + 1].
absl::Status CheckLink(const Certificates& chain, size_t place) {
  X509* certificate = chain[place].get();
  X509* next = chain[place + 1].get();
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  if (!SameName(issuer, X509_get_subject_name(next))) {
    for (size_t i = 0; i < chain.size(); ++i) {
      if (i == place ||
          !SameName(issuer, X509_get_subject_name(chain[i].get()))) {
        continue;
      }
      return WrongAt(place,
                     absl::StrCat("is out of order: its issuer is "
                                  "certificate ",
                                  i + 1, " and must be number ", place + 2));
    }
    return WrongAt(place,
                   absl::StrCat("is issued by ", NameFor(issuer),
                                ", which does not follow it; the next one is ",
                                NameFor(X509_get_subject_name(next))));
  }
  if (X509_verify(certificate, X509_get0_pubkey(next)) != 1) {
    ERR_clear_error();
    return WrongAt(
        place, absl::StrCat("has a signature that the key of "
                            "certificate ",
                            place + 2, " did not make, though the names fit"));
  }
  return absl::OkStatus();
}

// What only a whole path can violate (path length, name constraints, key
// identifiers; RFC 5280 6.1), by OpenSSL, with the last one as the anchor.
absl::Status CheckPath(const Certificates& chain, absl::Time now) {
  const base::X509StorePtr store(X509_STORE_new());
  const base::X509StoreCtxPtr context(X509_STORE_CTX_new());
  const base::X509StackPtr others(sk_X509_new_null());
  if (store == nullptr || context == nullptr || others == nullptr ||
      X509_STORE_add_cert(store.get(), chain.back().get()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal,
                              "cannot prepare the check of a path");
  }
  for (const base::X509Ptr& certificate : chain) {
    if (X509_add_cert(others.get(), certificate.get(), X509_ADD_FLAG_UP_REF) !=
        1) {
      return base::OpensslError(absl::StatusCode::kInternal,
                                "cannot prepare the check of a path");
    }
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), chain[0].get(),
                          others.get()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal,
                              "cannot prepare the check of a path");
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  // Not X509_V_FLAG_X509_STRICT: it refuses CAs that are in use, such as those
  // whose basicConstraints are not critical.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(now));
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  ERR_clear_error();
  return Wrong(absl::StrCat(
      "the chain does not hold together: ",
      X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
}

}  // namespace

absl::StatusOr<core::CertificateChain> CheckCertificateChain(
    absl::string_view pem, absl::string_view spki, absl::Time now) {
  ASSIGN_OR_RETURN(const Certificates chain, Parse(pem));
  for (size_t i = 0; i < chain.size(); ++i) {
    RETURN_IF_ERROR(CheckExtensions(i, chain[i].get()));
    RETURN_IF_ERROR(CheckStrength(i, chain[i].get()));
  }
  RETURN_IF_ERROR(CheckLeaf(chain[0].get(), spki));
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    RETURN_IF_ERROR(CheckLink(chain, i));
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    RETURN_IF_ERROR(CheckIntermediate(i, chain[i].get()));
  }
  for (size_t i = 0; i < chain.size(); ++i) {
    RETURN_IF_ERROR(CheckTime(i, chain[i].get(), now));
  }
  RETURN_IF_ERROR(CheckPath(chain, now));

  core::CertificateChain out;
  for (const base::X509Ptr& certificate : chain) {
    ASSIGN_OR_RETURN(std::string der, base::CertificateDer(certificate.get()));
    out.certificates.push_back(std::move(der));
  }
  ASSIGN_OR_RETURN(const ValidityPeriod period, ReadValidity(chain[0].get()));
  out.not_after = period.not_after;
  return out;
}

}  // namespace countersign::auth
