// A CKA_ID as tools print it and people paste it: hexadecimal, in either case,
// with or without colons and "0x". Pure. Called by product files and
// `key register`.
#ifndef COUNTERSIGN_CLIENT_CLI_KEY_ID_TEXT_H_
#define COUNTERSIGN_CLIENT_CLI_KEY_ID_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Lower-case hexadecimal of 1 to 64 octets. INVALID_ARGUMENT (KEY_ID_MALFORMED)
// names `what`.
absl::StatusOr<std::string> ReadKeyId(absl::string_view what,
                                      absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_KEY_ID_TEXT_H_
