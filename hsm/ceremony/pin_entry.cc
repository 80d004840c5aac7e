#include "hsm/ceremony/pin_entry.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "hsm/ceremony/errors.h"

namespace countersign::hsm {
namespace {

// Modules differ; these are SoftHSM's bounds, and nobody's are wider below.
constexpr size_t kMinPin = 4;
constexpr size_t kMaxPin = 255;

absl::StatusOr<base::SecretBytes> Ask(Console& console,
                                      absl::string_view question) {
  ASSIGN_OR_RETURN(base::SecretBytes pin,
                   console.ask_secret(absl::StrCat(question, ": ")));
  if (pin.empty()) return error::BadPin("the PIN is empty; nothing was tried");
  return pin;
}

}  // namespace

bool IsPinFile(absl::string_view file) { return !file.empty() && file != "-"; }

absl::StatusOr<base::SecretBytes> ReadPin(Console& console,
                                          const std::string& file,
                                          absl::string_view what,
                                          absl::string_view flag) {
  if (IsPinFile(file)) {
    absl::StatusOr<base::SecretBytes> pin = base::ReadSecretFile(file);
    if (!pin.ok()) return error::BadFile(pin.status());
    return pin;
  }
  if (!console.interactive) return error::PinNeeded(flag);
  return Ask(console, what);
}

absl::StatusOr<base::SecretBytes> ReadNewPin(Console& console,
                                             const std::string& file,
                                             absl::string_view what,
                                             absl::string_view flag) {
  ASSIGN_OR_RETURN(base::SecretBytes pin, ReadPin(console, file, what, flag));
  if (pin.size() < kMinPin || pin.size() > kMaxPin) {
    return error::BadPin(absl::StrCat("a new PIN has ", kMinPin, " to ",
                                      kMaxPin, " octets, not ", pin.size()));
  }
  if (IsPinFile(file)) return pin;
  ASSIGN_OR_RETURN(const base::SecretBytes again,
                   Ask(console, absl::StrCat(what, " again")));
  if (!pin.ConstantTimeEquals(again)) {
    return error::BadPin("the two PINs differ; nothing was changed");
  }
  return pin;
}

}  // namespace countersign::hsm
