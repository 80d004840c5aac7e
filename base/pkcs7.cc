#include "base/pkcs7.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/der.h"

namespace countersign::base {
namespace {

constexpr absl::string_view kVersion1("\x02\x01\x01", 3);
// pkcs-7 signedData and data (RFC 2315 14).
constexpr absl::string_view kSignedData(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
constexpr absl::string_view kData(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);

}  // namespace

std::string Pkcs7Certificates(const std::vector<std::string>& certificates) {
  const std::string nobody = DerElement(kDerSet, "");
  const std::string signed_data = DerSequence(absl::StrCat(
      kVersion1, nobody, DerSequence(kData),
      // [0] IMPLICIT SET OF; leaf first and not sorted, as OpenSSL leaves it.
      DerElement(kDerContext0, absl::StrJoin(certificates, "")), nobody));
  return DerSequence(
      absl::StrCat(kSignedData, DerElement(kDerContext0, signed_data)));
}

}  // namespace countersign::base
