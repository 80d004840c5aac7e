// What can go wrong in a key ceremony beyond what hsm/errors.h has: one named
// function each, with code and reason. Read by the person at the keyboard.
// Pure.
#ifndef COUNTERSIGN_HSM_CEREMONY_ERRORS_H_
#define COUNTERSIGN_HSM_CEREMONY_ERRORS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::hsm::error {

// What was typed. INVALID_ARGUMENT, reasons as named.
absl::Status Usage(absl::string_view what);             // USAGE
absl::Status PinOnCommandLine(absl::string_view flag);  // PIN_ON_COMMAND_LINE
absl::Status PinNeeded(absl::string_view flag);         // PIN_NEEDED
absl::Status BadPin(absl::string_view why);             // BAD_PIN
absl::Status BadFile(const absl::Status& cause);        // FILE_UNREADABLE
absl::Status ConfirmationNeeded(absl::string_view word);
absl::Status BadLabel(absl::string_view why);  // BAD_LABEL
absl::Status BadKeyId(absl::string_view why);  // BAD_KEY_ID
absl::Status BadCertificate(absl::string_view why);
// CANCELLED NOT_CONFIRMED and INTERRUPTED.
absl::Status NotConfirmed();
absl::Status Interrupted();

// Tokens.
// INVALID_ARGUMENT TOKEN_NOT_CHOSEN: which one of these is meant.
absl::Status TokenNotChosen(const std::vector<std::string>& tokens);
// NOT_FOUND TOKEN_NOT_FOUND: what was looked for, and what is there.
absl::Status NoSuchToken(absl::string_view wanted,
                         const std::vector<std::string>& tokens);
// NOT_FOUND NO_FREE_SLOT.
absl::Status NoFreeSlot();
// FAILED_PRECONDITION TOKEN_NOT_EMPTY.
absl::Status TokenInitialised(absl::string_view label);
// FAILED_PRECONDITION SERVER_RUNNING.
absl::Status ServerRunning(absl::string_view label,
                           const std::vector<pid_t>& pids);

// Keys and certificates.
// ALREADY_EXISTS KEY_EXISTS.
absl::Status KeyExists(absl::string_view label, absl::string_view id);
// NOT_FOUND KEY_MISSING: names the labels that are there.
absl::Status NoSuchKey(absl::string_view wanted,
                       const std::vector<std::string>& labels);
// FAILED_PRECONDITION KEY_AMBIGUOUS.
absl::Status KeyAmbiguous(absl::string_view label,
                          const std::vector<std::string>& ids);
// FAILED_PRECONDITION CERTIFICATE_OF_OTHER_KEY.
absl::Status CertificateOfOtherKey(absl::string_view label);
// ALREADY_EXISTS CERTIFICATE_EXISTS.
absl::Status CertificateExists(absl::string_view label);
// NOT_FOUND CERTIFICATE_MISSING.
absl::Status NoCertificate(absl::string_view label);

}  // namespace countersign::hsm::error

#endif  // COUNTERSIGN_HSM_CEREMONY_ERRORS_H_
