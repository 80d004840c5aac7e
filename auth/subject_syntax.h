// The spelling of subjects that certificates and group rules share: what a
// SPIFFE ID and an e-mail address may look like. Pure text.
#ifndef COUNTERSIGN_AUTH_SUBJECT_SYNTAX_H_
#define COUNTERSIGN_AUTH_SUBJECT_SYNTAX_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace countersign::auth {

inline constexpr char kSpiffePrefix[] = "spiffe://";
inline constexpr char kEmailPrefix[] = "email:";
inline constexpr char kSubjectPrefix[] = "subject:";

// OK where `id` is a SPIFFE ID of a workload (SPIFFE-ID 2, X509-SVID 2):
// "spiffe://", a trust domain, and a path that is not empty. INVALID_ARGUMENT
// says what is wrong.
absl::Status CheckSpiffeId(absl::string_view id);

// OK where `address` is local@domain in visible ASCII, at most 254 octets;
// quoted local parts and address literals are refused.
absl::Status CheckEmail(absl::string_view address);

// What both sides are compared in: e-mail addresses in lower case, so that one
// mailbox with two spellings is one person. Others as they are.
std::string CanonicalSubject(absl::string_view subject);

}  // namespace countersign::auth

#endif  // COUNTERSIGN_AUTH_SUBJECT_SYNTAX_H_
