// SHA-256 as text, and a comparison of such texts, for rooms that do not see
// OpenSSL (core/). Pure.
#ifndef COUNTERSIGN_BASE_SHA256_H_
#define COUNTERSIGN_BASE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::base {

// FIPS 180-4 SHA-256 of `octets`: 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view octets);

// True where the texts are equal; time depends on the sizes alone.
bool SameDigest(absl::string_view a, absl::string_view b);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_SHA256_H_
