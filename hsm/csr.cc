#include "hsm/csr.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "hsm/der.h"
#include "hsm/public_key.h"
#include "hsm/subject_name.h"

namespace countersign::hsm {
namespace {

using core::HashAlgorithm;
using core::SignatureAlgorithm;

constexpr absl::string_view kNull("\x05\x00", 2);
// id-Ed25519, of the signature as of the key (RFC 8410 3).
constexpr absl::string_view kEd25519Oid("\x06\x03\x2b\x65\x70", 5);
// id-RSASSA-PSS and id-mgf1 (RFC 4055 3.1, 2.2).
constexpr absl::string_view kPssOid(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 11);
constexpr absl::string_view kMgf1Oid(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", 11);

struct HashRow {
  HashAlgorithm hash;
  absl::string_view oid;    // id-sha256 and so on (RFC 4055 2.1)
  absl::string_view rsa;    // sha256WithRSAEncryption (RFC 4055 5)
  absl::string_view ecdsa;  // ecdsa-with-SHA256 (RFC 5758 3.2)
};
constexpr HashRow kHashes[] = {
    {HashAlgorithm::kSha256,
     {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", 11},
     {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 11},
     {"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 10}},
    {HashAlgorithm::kSha384,
     {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02", 11},
     {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", 11},
     {"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", 10}},
    {HashAlgorithm::kSha512,
     {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03", 11},
     {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", 11},
     {"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04", 10}},
};

const HashRow& RowOf(HashAlgorithm hash) {
  for (const HashRow& row : kHashes) {
    if (row.hash == hash) return row;
  }
  std::abort();  // no input can cause it: kUnhashed goes with Ed25519 alone
}

// RSASSA-PSS-params (RFC 4055 3.1), every field written out.
std::string PssAlgorithm(HashAlgorithm hash) {
  const std::string digest = DerSequence(absl::StrCat(RowOf(hash).oid, kNull));
  const std::string mask = DerSequence(absl::StrCat(kMgf1Oid, digest));
  const std::string salt =
      DerUnsigned(std::string(1, static_cast<char>(core::DigestSize(hash))));
  const std::string params =
      DerSequence(absl::StrCat(DerElement(0xa0, digest), DerElement(0xa1, mask),
                               DerElement(0xa2, salt)));
  return DerSequence(absl::StrCat(kPssOid, params));
}

// AlgorithmIdentifier. ECDSA and Ed25519 have no parameters, RSA has NULL.
std::string AlgorithmIdentifier(SignatureAlgorithm algorithm,
                                HashAlgorithm hash) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsassaPkcs1V15:
      return DerSequence(absl::StrCat(RowOf(hash).rsa, kNull));
    case SignatureAlgorithm::kRsassaPss:
      return PssAlgorithm(hash);
    case SignatureAlgorithm::kEcdsa:
      return DerSequence(RowOf(hash).ecdsa);
    case SignatureAlgorithm::kEd25519:
      return DerSequence(kEd25519Oid);
  }
  std::abort();
}

// The very octets that were signed, as OpenSSL understands them.
absl::Status Verify(const std::string& der) {
  ERR_clear_error();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const base::X509ReqPtr request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr) {
    return base::OpensslError(absl::StatusCode::kInvalidArgument,
                              "the request cannot be read");
  }
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    return base::OpensslError(
        absl::StatusCode::kInvalidArgument,
        "the signature does not fit the request and its key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> CsrToBeSigned(absl::string_view spki_der,
                                          absl::string_view subject) {
  ASSIGN_OR_RETURN(const base::X509NamePtr name, ParseSubject(subject));
  RETURN_IF_ERROR(SpkiKeyType(spki_der).status());
  ASSIGN_OR_RETURN(const base::EvpPkeyPtr key, base::ParseSpki(spki_der));
  const base::X509ReqPtr request(X509_REQ_new());
  if (request == nullptr ||
      X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1) {
    return base::OpensslError(absl::StatusCode::kInternal,
                              "cannot build a signing request");
  }
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_REQ_tbs(request.get(), &der);
  const base::OpensslString owner(reinterpret_cast<char*>(der));
  if (size <= 0) {
    return base::OpensslError(absl::StatusCode::kInternal,
                              "cannot encode a signing request");
  }
  return std::string(owner.get(), static_cast<size_t>(size));
}

SignatureAlgorithm CsrAlgorithm(core::KeyType key) {
  // PKCS#1 v1.5 stands before PSS.
  return core::AlgorithmsFor(key).front();
}

absl::StatusOr<std::string> AssembleCsr(absl::string_view to_be_signed,
                                        SignatureAlgorithm algorithm,
                                        HashAlgorithm hash,
                                        absl::string_view signature) {
  if (!core::Fits(algorithm, hash)) {
    return absl::InvalidArgumentError(absl::StrCat(
        core::ToString(algorithm), " is not made over ", core::ToString(hash)));
  }
  const std::string der = DerSequence(
      absl::StrCat(to_be_signed, AlgorithmIdentifier(algorithm, hash),
                   DerBitString(signature)));
  RETURN_IF_ERROR(Verify(der));
  return base::FormatPem({"CERTIFICATE REQUEST", {}, der});
}

}  // namespace countersign::hsm
