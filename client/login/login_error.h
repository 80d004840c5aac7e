// What can go wrong at a login, one function for each (the catalogue of this
// room). Texts of an issuer are made safe to show and cut; tokens, codes and
// secrets are in none of them. Pure.
#ifndef COUNTERSIGN_CLIENT_LOGIN_LOGIN_ERROR_H_
#define COUNTERSIGN_CLIENT_LOGIN_LOGIN_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

// Nothing is stored, or it has ended: `why` says which. The command to type
// names `context` where there is one. UNAUTHENTICATED (LOGIN_NEEDED).
absl::Status LoginNeeded(absl::string_view issuer, absl::string_view context,
                         absl::string_view why);

// The issuer answers what it must not: `what` was asked. FAILED_PRECONDITION
// (ISSUER_ANSWER_WRONG).
absl::Status IssuerAnswerWrong(absl::string_view what, absl::string_view why);

// It answers "later" (429 and 5xx). UNAVAILABLE (ISSUER_UNAVAILABLE).
absl::Status IssuerBusy(absl::string_view what, int code);

// An error of RFC 6749 5.2 with its description. PERMISSION_DENIED
// (LOGIN_DENIED) for access_denied, otherwise UNAUTHENTICATED
// (ISSUER_REFUSED); metadata "error" is the issuer's word.
absl::Status IssuerRefused(absl::string_view what, absl::string_view error,
                           absl::string_view description);

// The issuer has no such way in. FAILED_PRECONDITION (LOGIN_WAY_MISSING).
absl::Status LoginWayMissing(absl::string_view issuer, absl::string_view what);

// Nobody finished it in time. DEADLINE_EXCEEDED (LOGIN_TIMED_OUT).
absl::Status LoginTimedOut(absl::string_view what);

// Stored tokens cannot be read or are not safe. UNAUTHENTICATED
// (TOKEN_UNREADABLE).
absl::Status TokenUnreadable(absl::string_view path, absl::string_view why);

// CANCELLED (INTERRUPTED).
absl::Status LoginInterrupted();

// What an issuer wrote: without control characters, 300 octets at most.
std::string IssuerText(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_LOGIN_ERROR_H_
