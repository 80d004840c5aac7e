// The few DER forms (X.690) that are written by hand: what OpenSSL 3 has no
// undeprecated function for, and what is signed elsewhere, in a token, before
// OpenSSL sees it. Writing only; reading is OpenSSL's. Pure.
#ifndef COUNTERSIGN_BASE_DER_H_
#define COUNTERSIGN_BASE_DER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::base {

inline constexpr unsigned char kDerBoolean = 0x01;
inline constexpr unsigned char kDerInteger = 0x02;
inline constexpr unsigned char kDerBitString = 0x03;
inline constexpr unsigned char kDerOctetString = 0x04;
inline constexpr unsigned char kDerEnumerated = 0x0a;
inline constexpr unsigned char kDerPrintableString = 0x13;
inline constexpr unsigned char kDerUtcTime = 0x17;
inline constexpr unsigned char kDerGeneralizedTime = 0x18;
inline constexpr unsigned char kDerSequence = 0x30;
inline constexpr unsigned char kDerSet = 0x31;
// [0] to [3], constructed.
inline constexpr unsigned char kDerContext0 = 0xa0;
inline constexpr unsigned char kDerContext3 = 0xa3;

// Tag, definite length in its shortest form, contents.
std::string DerElement(unsigned char tag, absl::string_view contents);

// A sequence of what is concatenated in `contents`.
std::string DerSequence(absl::string_view contents);

// A non-negative INTEGER from its big-endian octets: leading zeros are dropped,
// one is put where the first bit is set (X.690 8.3).
std::string DerUnsigned(absl::string_view big_endian);

// A BIT STRING of whole octets.
std::string DerBitString(absl::string_view octets);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_DER_H_
