#include "client/cli/key_id_text.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/encoding.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {

absl::StatusOr<std::string> ReadKeyId(absl::string_view what,
                                      absl::string_view text) {
  constexpr size_t kMaxOctets = 64;
  absl::string_view digits = text;
  if (absl::StartsWithIgnoreCase(digits, "0x")) digits.remove_prefix(2);
  const auto octets = base::HexDecode(absl::StrReplaceAll(digits, {{":", ""}}));
  if (octets.ok() && !octets->empty() && octets->size() <= kMaxOctets) {
    return base::HexEncode(*octets);
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat(what, " \"", base::EscapeForDisplay(text.substr(0, 160)),
                   "\": a CKA_ID in hexadecimal, 1 to 64 octets, is needed, "
                   "as in 0a1b2c"),
      Because("KEY_ID_MALFORMED"));
}

}  // namespace countersign::client
