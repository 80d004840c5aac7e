#include "core/algorithm_identifier.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/der.h"

namespace countersign::core {
namespace {

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
  const std::string digest =
      base::DerSequence(absl::StrCat(RowOf(hash).oid, kNull));
  const std::string mask = base::DerSequence(absl::StrCat(kMgf1Oid, digest));
  const std::string salt =
      base::DerUnsigned(std::string(1, static_cast<char>(DigestSize(hash))));
  const std::string params = base::DerSequence(
      absl::StrCat(base::DerElement(0xa0, digest), base::DerElement(0xa1, mask),
                   base::DerElement(0xa2, salt)));
  return base::DerSequence(absl::StrCat(kPssOid, params));
}

}  // namespace

// ECDSA and Ed25519 have no parameters, RSA has NULL.
std::string AlgorithmIdentifier(SignatureAlgorithm algorithm,
                                HashAlgorithm hash) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsassaPkcs1V15:
      return base::DerSequence(absl::StrCat(RowOf(hash).rsa, kNull));
    case SignatureAlgorithm::kRsassaPss:
      return PssAlgorithm(hash);
    case SignatureAlgorithm::kEcdsa:
      return base::DerSequence(RowOf(hash).ecdsa);
    case SignatureAlgorithm::kEd25519:
      return base::DerSequence(kEd25519Oid);
  }
  std::abort();
}

}  // namespace countersign::core
