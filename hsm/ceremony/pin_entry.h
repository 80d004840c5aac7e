// PINs from a file or from the terminal, never from anywhere else. Knows no
// token.
#ifndef COUNTERSIGN_HSM_CEREMONY_PIN_ENTRY_H_
#define COUNTERSIGN_HSM_CEREMONY_PIN_ENTRY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret_bytes.h"
#include "hsm/ceremony/console.h"

namespace countersign::hsm {

// Whether a PIN comes from a file: "" and "-" are the terminal.
bool IsPinFile(absl::string_view file);

// `what` is the PIN's name for people ("User PIN"), `flag` what could have said
// the file ("--pin-file"). Errors of base::ReadSecretFile; INVALID_ARGUMENT
// PIN_NEEDED where there is neither file nor terminal, BAD_PIN where it is
// empty; CANCELLED INTERRUPTED. Blocks.
absl::StatusOr<base::SecretBytes> ReadPin(Console& console,
                                          const std::string& file,
                                          absl::string_view what,
                                          absl::string_view flag);

// The same for a PIN that is to be: asked for twice at the terminal, and 4 to
// 255 octets long. BAD_PIN where it is not, or the two differ.
absl::StatusOr<base::SecretBytes> ReadNewPin(Console& console,
                                             const std::string& file,
                                             absl::string_view what,
                                             absl::string_view flag);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_PIN_ENTRY_H_
