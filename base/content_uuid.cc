#include "base/content_uuid.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/sha256.h"

namespace countersign::base {

std::string UuidOfContent(const std::vector<std::string>& parts) {
  std::string octets;
  for (const std::string& part : parts) {
    absl::StrAppend(&octets, part.size(), ":", part);
  }
  std::string name = absl::HexStringToBytes(Sha256Hex(octets)).substr(0, 16);
  name[6] = static_cast<char>((name[6] & 0x0f) | 0x80);  // version
  name[8] = static_cast<char>((name[8] & 0x3f) | 0x80);  // variant
  const std::string hex = absl::BytesToHexString(name);
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4),
                      "-", h.substr(16, 4), "-", h.substr(20));
}

}  // namespace countersign::base
