// The few DER forms (X.690) that this room writes itself: what OpenSSL 3 has
// no undeprecated function for. Writing only; reading is OpenSSL's. Pure.
#ifndef COUNTERSIGN_HSM_DER_H_
#define COUNTERSIGN_HSM_DER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::hsm {

inline constexpr unsigned char kDerInteger = 0x02;
inline constexpr unsigned char kDerBitString = 0x03;
inline constexpr unsigned char kDerOctetString = 0x04;
inline constexpr unsigned char kDerPrintableString = 0x13;
inline constexpr unsigned char kDerSequence = 0x30;

// Tag, definite length in its shortest form, contents.
std::string DerElement(unsigned char tag, absl::string_view contents);

// A sequence of what is concatenated in `contents`.
std::string DerSequence(absl::string_view contents);

// A non-negative INTEGER from its big-endian octets: leading zeros are dropped,
// one is put where the first bit is set (X.690 8.3).
std::string DerUnsigned(absl::string_view big_endian);

// A BIT STRING of whole octets.
std::string DerBitString(absl::string_view octets);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_DER_H_
