#include "client/artifact/signature_algorithm.h"

#include "absl/strings/str_cat.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

struct Row {
  base::SignatureScheme scheme;
  const char* name;
  const char* plain_media_type;  // nullptr: none in OCM
};

constexpr Row kTable[] = {
    {base::SignatureScheme::kRsaPkcs1, "RSASSA-PKCS1-V1_5", kMediaTypeRsaPkcs1},
    {base::SignatureScheme::kRsaPss, "RSASSA-PSS", kMediaTypeRsaPss},
    {base::SignatureScheme::kEcdsa, "ECDSA", nullptr},
    {base::SignatureScheme::kEd25519, "ED25519", nullptr},
};

const Row& RowOf(base::SignatureScheme scheme) {
  return kTable[static_cast<size_t>(scheme)];
}

}  // namespace

absl::StatusOr<base::SignatureScheme> ParseSignatureAlgorithm(
    absl::string_view name) {
  for (const Row& row : kTable) {
    if (name == row.name) return row.scheme;
  }
  return BadInput(
      "SIGNATURE_ALGORITHM_UNKNOWN",
      absl::StrCat("signature algorithm ", Quoted(name),
                   " is not one of RSASSA-PKCS1-V1_5, RSASSA-PSS, ECDSA, "
                   "ED25519"));
}

const char* SignatureAlgorithmName(base::SignatureScheme scheme) {
  return RowOf(scheme).name;
}

absl::StatusOr<std::string> PlainMediaType(base::SignatureScheme scheme) {
  const Row& row = RowOf(scheme);
  if (row.plain_media_type == nullptr) {
    return BadInput(
        "SIGNATURE_ALGORITHM_UNKNOWN",
        absl::StrCat("component descriptors have no plain form for ", row.name,
                     " signatures; use an RSA key"));
  }
  return std::string(row.plain_media_type);
}

}  // namespace countersign::client
