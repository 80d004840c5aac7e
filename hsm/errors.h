// What can go wrong with a token and its keys: one named function each, with
// code, reason and metadata. What users see of it is said by core/errors.h;
// these are for the log, for health, for `countersignd --check`, and for what
// the Signer port passes on. Pure.
#ifndef COUNTERSIGN_HSM_ERRORS_H_
#define COUNTERSIGN_HSM_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::hsm::error {

// The pause after which a caller of an absent token should ask again.
inline constexpr absl::Duration kRetryDelay = absl::Seconds(1);

// Module and token.
// INVALID_ARGUMENT BAD_SIGNER_OPTIONS.
absl::Status BadOptions(absl::string_view what_would_be_right);
// NOT_FOUND MODULE_NOT_FOUND.
absl::Status ModuleNotFound(absl::string_view path);
// INVALID_ARGUMENT NOT_A_MODULE: no library, or no PKCS#11 library.
absl::Status NotAModule(absl::string_view path, absl::string_view why);
// UNAVAILABLE MODULE_CLOSED, with a retry delay: being initialised anew.
absl::Status ModuleClosed();
// UNAVAILABLE MODULE_STUCK, with a retry delay: a thread does not come back.
absl::Status ModuleStuck();
// FAILED_PRECONDITION MODULE_NOT_OURS: only who initialised it may do so anew.
absl::Status ModuleNotOurs();
// NOT_FOUND TOKEN_NOT_FOUND: names the labels that are there.
absl::Status TokenNotFound(absl::string_view label,
                           const std::vector<std::string>& labels);
// FAILED_PRECONDITION TOKEN_AMBIGUOUS.
absl::Status TokenAmbiguous(absl::string_view label,
                            const std::vector<std::string>& serials);
// UNAVAILABLE NO_TOKEN, with a retry delay: the module shows none at all.
absl::Status NoToken();
// INVALID_ARGUMENT TOKEN_TWICE: two of the configured tokens are the same.
absl::Status TokenTwice(absl::string_view one, absl::string_view other,
                        absl::string_view why);
// NOT_FOUND UNKNOWN_TOKEN: no token of that name is configured.
absl::Status UnknownToken(absl::string_view name,
                          const std::vector<std::string>& configured);
// FAILED_PRECONDITION PIN_REFUSED: no further try is made.
absl::Status PinRefused(absl::string_view token, absl::string_view why,
                        absl::string_view ckr);
// FAILED_PRECONDITION PIN_LATCHED: this PIN was refused before.
absl::Status PinLatched(absl::string_view token, absl::string_view latch_file,
                        absl::string_view what_it_says);
// FAILED_PRECONDITION LATCH_UNUSABLE: without the latch no PIN is tried.
absl::Status LatchUnusable(absl::string_view latch_file, absl::string_view why);
// UNAVAILABLE TOKEN_UNAVAILABLE, with a retry delay.
absl::Status TokenUnavailable(absl::string_view token, absl::string_view why);
// UNAVAILABLE CALL_STUCK, with a retry delay: the module does not answer.
absl::Status CallStuck(absl::string_view token, absl::Duration waited);
// UNAVAILABLE SIGNER_STOPPING, with a retry delay.
absl::Status SignerStopping();

// Keys. FAILED_PRECONDITION, reasons as named.
absl::Status KeyMissing(absl::string_view label,
                        absl::string_view key_id);  // KEY_MISSING
// NOT_FOUND KEY_NOT_VISIBLE: nobody is logged in, and no key is shown at all.
absl::Status KeyNotVisible(absl::string_view label, absl::string_view key_id);
absl::Status KeyDoubled(absl::string_view label,
                        absl::string_view key_id);  // KEY_DOUBLED
absl::Status KeyIncomplete(absl::string_view label, absl::string_view key_id,
                           absl::string_view missing);  // KEY_INCOMPLETE
absl::Status KeyNotPinned(absl::string_view label,
                          absl::string_view key_id);  // KEY_NOT_PINNED
absl::Status KeyNotProved(absl::string_view label, absl::string_view key_id,
                          const absl::Status& cause);  // KEY_NOT_PROVED
absl::Status PublicKeyUnknown(absl::string_view label,
                              absl::string_view key_id);  // PUBLIC_KEY_UNKNOWN
absl::Status KeyOfOtherType(absl::string_view label, absl::string_view wanted,
                            absl::string_view found);  // KEY_OF_OTHER_TYPE
absl::Status KeyUnsafe(absl::string_view label,
                       const std::vector<std::string>& faults);  // KEY_UNSAFE
// MECHANISM_ABSENT: `mechanism` is "CKM_EDDSA". To be told by its code like the
// module's own CKR_MECHANISM_INVALID.
absl::Status MechanismAbsent(absl::string_view mechanism);

// Jobs.
// INVALID_ARGUMENT JOB_DOES_NOT_FIT.
absl::Status JobDoesNotFit(absl::string_view why);
// DEADLINE_EXCEEDED SIGN_DEADLINE.
absl::Status DeadlinePassed();
// INTERNAL WRONG_SIGNATURE_SIZE.
absl::Status WrongSignatureSize(absl::string_view key_type, size_t wanted,
                                size_t found);
// INTERNAL WRONG_SIGNATURE: the module made one that does not verify.
absl::Status WrongSignature(absl::string_view label, const absl::Status& cause);

}  // namespace countersign::hsm::error

#endif  // COUNTERSIGN_HSM_ERRORS_H_
