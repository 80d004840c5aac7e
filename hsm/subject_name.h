// X.500 names as people type them ("CN=Release signing,O=Example", RFC 4514)
// into X.509's form. Pure.
#ifndef COUNTERSIGN_HSM_SUBJECT_NAME_H_
#define COUNTERSIGN_HSM_SUBJECT_NAME_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::hsm {

// As RFC 4514 has it, the first part of the text is the last of the name. Takes
// CN, O, OU, C, ST, L, DC, UID and emailAddress in any case, "\," and "\2C" as
// escapes; one CN of 1 to 64 characters is required. INVALID_ARGUMENT says
// what would be right.
absl::StatusOr<base::X509NamePtr> ParseSubject(absl::string_view text);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SUBJECT_NAME_H_
