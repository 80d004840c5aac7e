#include "hsm/mechanism.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/der.h"
#include "hsm/errors.h"

namespace countersign::hsm {
namespace {

using base::SignatureScheme;
using core::HashAlgorithm;
using core::SignatureAlgorithm;

// As core/signer.h promises.
constexpr size_t kMaxDigests = 1000;

// RFC 8017 9.2 note 1; 19 octets each.
constexpr absl::string_view kSha256Info(
    "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04"
    "\x20",
    19);
constexpr absl::string_view kSha384Info(
    "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04"
    "\x30",
    19);
constexpr absl::string_view kSha512Info(
    "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04"
    "\x40",
    19);

constexpr Mechanism kMechanisms[] = {
    {SignatureAlgorithm::kRsassaPkcs1V15,
     HashAlgorithm::kSha256,
     CKM_RSA_PKCS,
     kSha256Info,
     {},
     SignatureScheme::kRsaPkcs1,
     "SHA256"},
    {SignatureAlgorithm::kRsassaPkcs1V15,
     HashAlgorithm::kSha384,
     CKM_RSA_PKCS,
     kSha384Info,
     {},
     SignatureScheme::kRsaPkcs1,
     "SHA384"},
    {SignatureAlgorithm::kRsassaPkcs1V15,
     HashAlgorithm::kSha512,
     CKM_RSA_PKCS,
     kSha512Info,
     {},
     SignatureScheme::kRsaPkcs1,
     "SHA512"},
    {SignatureAlgorithm::kRsassaPss,
     HashAlgorithm::kSha256,
     CKM_RSA_PKCS_PSS,
     "",
     {CKM_SHA256, CKG_MGF1_SHA256, 32},
     SignatureScheme::kRsaPss,
     "SHA256"},
    {SignatureAlgorithm::kRsassaPss,
     HashAlgorithm::kSha384,
     CKM_RSA_PKCS_PSS,
     "",
     {CKM_SHA384, CKG_MGF1_SHA384, 48},
     SignatureScheme::kRsaPss,
     "SHA384"},
    {SignatureAlgorithm::kRsassaPss,
     HashAlgorithm::kSha512,
     CKM_RSA_PKCS_PSS,
     "",
     {CKM_SHA512, CKG_MGF1_SHA512, 64},
     SignatureScheme::kRsaPss,
     "SHA512"},
    {SignatureAlgorithm::kEcdsa,
     HashAlgorithm::kSha256,
     CKM_ECDSA,
     "",
     {},
     SignatureScheme::kEcdsa,
     "SHA256"},
    {SignatureAlgorithm::kEcdsa,
     HashAlgorithm::kSha384,
     CKM_ECDSA,
     "",
     {},
     SignatureScheme::kEcdsa,
     "SHA384"},
    {SignatureAlgorithm::kEcdsa,
     HashAlgorithm::kSha512,
     CKM_ECDSA,
     "",
     {},
     SignatureScheme::kEcdsa,
     "SHA512"},
    // Without a parameter it is pure Ed25519 (PKCS#11 3.0 2.3.14).
    {SignatureAlgorithm::kEd25519,
     HashAlgorithm::kUnhashed,
     CKM_EDDSA,
     "",
     {},
     SignatureScheme::kEd25519,
     ""},
};

std::string DigestFault(const core::SignJob& job, size_t i) {
  const std::string has =
      absl::StrCat(i + 1, " has ", job.digests[i].size(), " octets; ");
  if (job.hash == HashAlgorithm::kUnhashed) {
    return absl::StrCat("message ", has, "at most ", core::kMaxMessageSize,
                        " can be signed unhashed");
  }
  return absl::StrCat("digest ", has, core::ToString(job.hash), " makes ",
                      core::DigestSize(job.hash));
}

}  // namespace

const Mechanism& MechanismFor(SignatureAlgorithm algorithm,
                              HashAlgorithm hash) {
  for (const Mechanism& row : kMechanisms) {
    if (row.algorithm == algorithm && row.hash == hash) return row;
  }
  std::abort();  // CheckSignJob lets only pairs of the table pass
}

std::string MechanismName(CK_MECHANISM_TYPE type) {
  switch (type) {
    case CKM_RSA_PKCS_KEY_PAIR_GEN:
      return "CKM_RSA_PKCS_KEY_PAIR_GEN";
    case CKM_RSA_PKCS:
      return "CKM_RSA_PKCS";
    case CKM_RSA_PKCS_PSS:
      return "CKM_RSA_PKCS_PSS";
    case CKM_EC_KEY_PAIR_GEN:
      return "CKM_EC_KEY_PAIR_GEN";
    case CKM_ECDSA:
      return "CKM_ECDSA";
    case CKM_EC_EDWARDS_KEY_PAIR_GEN:
      return "CKM_EC_EDWARDS_KEY_PAIR_GEN";
    case CKM_EDDSA:
      return "CKM_EDDSA";
  }
  return absl::StrCat("CKM_0x", absl::Hex(type));
}

std::string SignInput(const Mechanism& mechanism, absl::string_view digest) {
  return absl::StrCat(mechanism.digest_info, digest);
}

size_t RawSignatureSize(core::KeyType key) {
  const size_t octets = (static_cast<size_t>(core::KeyBits(key)) + 7) / 8;
  return core::IsRsa(key) ? octets : 2 * octets;
}

absl::StatusOr<std::string> EncodeSignature(core::KeyType key, std::string raw,
                                            core::EcdsaForm form) {
  if (raw.size() != RawSignatureSize(key)) {
    return error::WrongSignatureSize(core::ToString(key), RawSignatureSize(key),
                                     raw.size());
  }
  if (form == core::EcdsaForm::kFixedWidth ||
      !core::Fits(key, SignatureAlgorithm::kEcdsa)) {
    return raw;
  }
  const absl::string_view octets = raw;
  const size_t half = raw.size() / 2;
  return base::DerSequence(
      absl::StrCat(base::DerUnsigned(octets.substr(0, half)),
                   base::DerUnsigned(octets.substr(half))));
}

absl::Status CheckSignJob(const core::SignJob& job) {
  if (job.digests.empty() || job.digests.size() > kMaxDigests) {
    return error::JobDoesNotFit(absl::StrCat("1 to ", kMaxDigests,
                                             " digests can be signed at once, "
                                             "not ",
                                             job.digests.size()));
  }
  if (job.key.key_id.empty() || job.key.label.empty() || job.key.spki.empty()) {
    return error::JobDoesNotFit(
        "a key is named by CKA_ID, label and public key");
  }
  if (!core::Fits(job.key.type, job.algorithm)) {
    return error::JobDoesNotFit(absl::StrCat(core::ToString(job.key.type),
                                             " keys do not make ",
                                             core::ToString(job.algorithm)));
  }
  if (!core::Fits(job.algorithm, job.hash)) {
    return error::JobDoesNotFit(absl::StrCat(core::ToString(job.algorithm),
                                             " is not made over ",
                                             core::ToString(job.hash)));
  }
  for (size_t i = 0; i < job.digests.size(); ++i) {
    if (core::DigestFits(job.hash, job.digests[i].size())) continue;
    return error::JobDoesNotFit(DigestFault(job, i));
  }
  return absl::OkStatus();
}

}  // namespace countersign::hsm
