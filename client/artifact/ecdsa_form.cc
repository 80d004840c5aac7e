#include "client/artifact/ecdsa_form.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"

namespace countersign::client {
namespace {

// Tag, length (DER, below 256), contents: X.690 8.1.
std::string Element(char tag, absl::string_view contents) {
  std::string out(1, tag);
  if (contents.size() >= 128) out += '\x81';
  out += static_cast<char>(contents.size());
  return absl::StrCat(out, contents);
}

// An INTEGER has no zeros in front but the one that keeps it positive (8.3).
std::string Integer(absl::string_view octets) {
  while (octets.size() > 1 && octets[0] == '\0') octets.remove_prefix(1);
  const bool negative = (static_cast<unsigned char>(octets[0]) & 0x80) != 0;
  return Element('\x02', negative ? absl::StrCat(std::string(1, '\0'), octets)
                                  : std::string(octets));
}

}  // namespace

std::optional<std::string> DerFromFixedWidth(absl::string_view signature,
                                             absl::string_view spki_der) {
  const auto key = base::ParseSpki(spki_der);
  if (!key.ok() || EVP_PKEY_get_base_id(key->get()) != EVP_PKEY_EC) {
    return std::nullopt;
  }
  // 32, 48 or 66 octets: the orders are as long as the curves' names say.
  const size_t width = (EVP_PKEY_get_bits(key->get()) + 7) / 8;
  if (signature.size() != 2 * width) return std::nullopt;
  return Element('\x30', absl::StrCat(Integer(signature.substr(0, width)),
                                      Integer(signature.substr(width))));
}

}  // namespace countersign::client
