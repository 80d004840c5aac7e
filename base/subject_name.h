// X.500 names as people type them ("CN=Release signing,O=Example", RFC 4514)
// into X.509's form. Pure.
#ifndef COUNTERSIGN_BASE_SUBJECT_NAME_H_
#define COUNTERSIGN_BASE_SUBJECT_NAME_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::base {

// As RFC 4514 has it, the first part of the text is the last of the name. Takes
// CN, O, OU, C, ST, L, DC, UID, serialNumber and emailAddress in any case, "\,"
// and "\2C" as escapes; one CN of 1 to 64 characters is required, the others
// have the upper bounds of RFC 5280 appendix A.1. INVALID_ARGUMENT says what
// would be right.
absl::StatusOr<X509NamePtr> ParseSubject(absl::string_view text);

// The same for a template: "{product}" in a value becomes values["product"],
// after the text was taken apart, so that no value makes an attribute of its
// own. INVALID_ARGUMENT also for a placeholder that `values` has not.
absl::StatusOr<X509NamePtr> FillSubject(
    absl::string_view text, const std::map<std::string, std::string>& values);

}  // namespace countersign::base

#endif  // COUNTERSIGN_BASE_SUBJECT_NAME_H_
