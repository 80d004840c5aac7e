#include "base/sha256.h"

#include "base/encoding.h"
#include "base/openssl.h"

namespace countersign::base {

std::string Sha256Hex(absl::string_view octets) {
  return HexEncode(Sha256(octets));
}

bool SameDigest(absl::string_view a, absl::string_view b) {
  return ConstantTimeEquals(a, b);
}

}  // namespace countersign::base
