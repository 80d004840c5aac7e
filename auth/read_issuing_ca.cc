#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/issue_certificate.h"
#include "auth/x509_names.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "base/subject_name.h"

namespace countersign::auth {
namespace {

constexpr size_t kMaxOctets = 64 << 10;
constexpr size_t kMaxCertificates = 10;
// As in certificate_chain.cc.
constexpr int kMinSecurityBits = 112;

using Certificates = std::vector<base::X509Ptr>;

// `place` counts from 0; people count from 1.
absl::Status WrongAt(size_t place, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(place == 0 ? "the authority's own certificate (the first)"
                              : absl::StrCat("certificate ", place + 1),
                   " ", why));
}

absl::StatusOr<Certificates> Parse(absl::string_view pem) {
  if (pem.size() > kMaxOctets) {
    return absl::InvalidArgumentError("the chain has more than 64 KiB");
  }
  ASSIGN_OR_RETURN(const std::vector<base::PemBlock> blocks,
                   base::ParsePem(pem));
  if (blocks.empty() || blocks.size() > kMaxCertificates) {
    return absl::InvalidArgumentError(absl::StrCat(
        "1 to ", kMaxCertificates, " blocks CERTIFICATE belong here, not ",
        blocks.size(), ": the authority's own, then its issuers"));
  }
  Certificates chain;
  for (const base::PemBlock& block : blocks) {
    if (block.label != "CERTIFICATE") {
      return WrongAt(
          chain.size(),
          absl::StrCat("is a block ", base::EscapeForDisplay(block.label),
                       "; only CERTIFICATE blocks belong here"));
    }
    absl::StatusOr<base::X509Ptr> certificate =
        base::ParseCertificateDer(block.contents);
    if (!certificate.ok()) {
      return WrongAt(
          chain.size(),
          absl::StrCat("cannot be read: ", certificate.status().message()));
    }
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

absl::Status CheckStrength(size_t place, X509* certificate) {
  ERR_clear_error();
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_security_bits(key) < kMinSecurityBits) {
    return WrongAt(place,
                   "has a weak or unknown key; RSA needs 2048 bits or more, or "
                   "take P-256, P-384 or P-521");
  }
  int bits = 0;
  uint32_t flags = 0;
  if (X509_get_signature_info(certificate, nullptr, nullptr, &bits, &flags) !=
          1 ||
      bits < kMinSecurityBits) {
    ERR_clear_error();
    return WrongAt(place,
                   "is signed with a weak or unknown algorithm; SHA-256, "
                   "SHA-384 or SHA-512 would be right");
  }
  return absl::OkStatus();
}

absl::Status CheckTime(size_t place, X509* certificate, absl::Time now) {
  absl::StatusOr<ValidityPeriod> period = ReadValidity(certificate);
  if (!period.ok()) return WrongAt(place, period.status().message());
  if (now < period->not_before) {
    return WrongAt(place, absl::StrCat("is not valid before ",
                                       FormatUtc(period->not_before)));
  }
  if (now > period->not_after) {
    return WrongAt(place,
                   absl::StrCat("expired at ", FormatUtc(period->not_after)));
  }
  return absl::OkStatus();
}

absl::Status CheckCa(size_t place, X509* certificate) {
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) {
    return WrongAt(place, "has malformed extensions");
  }
  if ((flags & EXFLAG_CRITICAL) != 0) {
    return WrongAt(place, "has an unknown critical extension");
  }
  if ((flags & EXFLAG_CA) == 0) {
    return WrongAt(place, "is no CA's; it needs basicConstraints CA:TRUE");
  }
  if ((flags & EXFLAG_KUSAGE) == 0 ||
      (X509_get_key_usage(certificate) & KU_KEY_CERT_SIGN) == 0) {
    return WrongAt(place, "must have key usage keyCertSign");
  }
  return absl::OkStatus();
}

// What more is asked of the one whose key signs here.
absl::Status CheckIssuing(X509* certificate) {
  if ((X509_get_key_usage(certificate) & KU_CRL_SIGN) == 0) {
    return WrongAt(0, "must have key usage cRLSign, for its CRL");
  }
  const uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_BCONS_CRITICAL) == 0) {
    return WrongAt(0,
                   "must have critical basic constraints (RFC 5280 4.2.1.9)");
  }
  if (X509_get0_subject_key_id(certificate) == nullptr) {
    return WrongAt(0, "must have a subject key identifier (RFC 5280 4.2.1.2)");
  }
  if ((flags & EXFLAG_XKUSAGE) != 0 &&
      (X509_get_extended_key_usage(certificate) &
       (XKU_CODE_SIGN | XKU_ANYEKU)) == 0) {
    return WrongAt(0,
                   "has an extended key usage without codeSigning: nobody "
                   "would take what it issues");
  }
  return absl::OkStatus();
}

bool IsRoot(X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate),
                       X509_get_issuer_name(certificate)) == 0;
}

absl::Status CheckOrder(const Certificates& chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    X509* certificate = chain[i].get();
    const bool last = i + 1 == chain.size();
    if (IsRoot(certificate) && !last) {
      return WrongAt(i, "is a root: nothing can follow it");
    }
    if (last && !IsRoot(certificate)) break;
    X509* issuer = chain[last ? i : i + 1].get();
    ERR_clear_error();
    if (X509_check_issued(issuer, certificate) != X509_V_OK ||
        X509_verify(certificate, X509_get0_pubkey(issuer)) != 1) {
      ERR_clear_error();
      return WrongAt(i, last ? "is a root with a signature that is not its own"
                             : "was not issued by the one that follows it");
    }
  }
  return absl::OkStatus();
}

struct KeyRow {
  core::KeyType type;
  const char* name;   // of OpenSSL's algorithm
  const char* group;  // of OpenSSL; null: none
};
constexpr KeyRow kKeys[] = {{core::KeyType::kRsa2048, "RSA", nullptr},
                            {core::KeyType::kRsa3072, "RSA", nullptr},
                            {core::KeyType::kRsa4096, "RSA", nullptr},
                            {core::KeyType::kEcP256, "EC", "prime256v1"},
                            {core::KeyType::kEcP384, "EC", "secp384r1"},
                            {core::KeyType::kEcP521, "EC", "secp521r1"}};

absl::StatusOr<core::KeyType> TypeOf(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  char group[64] = {};
  size_t size = 0;
  const bool curve =
      EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1;
  ERR_clear_error();
  for (const KeyRow& row : kKeys) {
    if (EVP_PKEY_is_a(key, row.name) != 1) continue;
    if (row.group == nullptr ? EVP_PKEY_get_bits(key) == core::KeyBits(row.type)
                             : curve && absl::string_view(group) == row.group) {
      return row.type;
    }
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    return WrongAt(0,
                   "has an Ed25519 key, which signs at most 4096 octets here: "
                   "a CRL outgrows that; take P-256, P-384, P-521 or RSA");
  }
  return WrongAt(0,
                 "has a key of a type that is not made here; take RSA of 2048, "
                 "3072 or 4096 bits, P-256, P-384 or P-521");
}

}  // namespace

absl::Status CheckSubjectTemplate(absl::string_view subject) {
  return base::FillSubject(
             subject,
             {{"common_name", "a"}, {"operation", "a"}, {"product", "a"}})
      .status();
}

absl::StatusOr<core::IssuingCa> ReadIssuingCa(absl::string_view pem,
                                              absl::Time now) {
  ASSIGN_OR_RETURN(const Certificates chain, Parse(pem));
  core::IssuingCa ca;
  for (size_t i = 0; i < chain.size(); ++i) {
    RETURN_IF_ERROR(CheckCa(i, chain[i].get()));
    RETURN_IF_ERROR(CheckStrength(i, chain[i].get()));
    RETURN_IF_ERROR(CheckTime(i, chain[i].get(), now));
    ASSIGN_OR_RETURN(ca.certificates.emplace_back(),
                     base::CertificateDer(chain[i].get()));
  }
  X509* own = chain[0].get();
  RETURN_IF_ERROR(CheckIssuing(own));
  RETURN_IF_ERROR(CheckOrder(chain));
  ASSIGN_OR_RETURN(ca.key.type, TypeOf(own));
  ASSIGN_OR_RETURN(ca.key.spki, base::SpkiDer(X509_get0_pubkey(own)));
  // PKCS#1 v1.5 stands before PSS: every verifier takes it.
  ca.algorithm = core::AlgorithmsFor(ca.key.type).front();
  ca.hash = core::DefaultHash(ca.key.type);
  ASSIGN_OR_RETURN(const ValidityPeriod period, ReadValidity(own));
  ca.not_after = period.not_after;
  return ca;
}

}  // namespace countersign::auth
