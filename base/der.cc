#include "base/der.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace countersign::base {

std::string DerElement(unsigned char tag, absl::string_view contents) {
  std::string out(1, static_cast<char>(tag));
  const size_t size = contents.size();
  if (size < 0x80) {
    out.push_back(static_cast<char>(size));
  } else {
    std::string length;
    for (size_t rest = size; rest != 0; rest >>= 8) {
      length.insert(length.begin(), static_cast<char>(rest & 0xff));
    }
    out.push_back(static_cast<char>(0x80 | length.size()));
    out += length;
  }
  absl::StrAppend(&out, contents);
  return out;
}

std::string DerSequence(absl::string_view contents) {
  return DerElement(kDerSequence, contents);
}

std::string DerUnsigned(absl::string_view big_endian) {
  while (!big_endian.empty() && big_endian.front() == '\0') {
    big_endian.remove_prefix(1);
  }
  const bool zero_first =
      big_endian.empty() ||
      (static_cast<unsigned char>(big_endian.front()) & 0x80) != 0;
  return DerElement(kDerInteger,
                    zero_first
                        ? absl::StrCat(absl::string_view("\0", 1), big_endian)
                        : std::string(big_endian));
}

std::string DerBitString(absl::string_view octets) {
  return DerElement(kDerBitString,
                    absl::StrCat(absl::string_view("\0", 1), octets));
}

}  // namespace countersign::base
