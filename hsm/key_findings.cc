#include "hsm/key_findings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

struct Row {
  CK_ATTRIBUTE_TYPE type;
  const char* name;
  std::optional<bool> KeyFindings::*field;
  bool want;
  bool must_be_known;
};

constexpr Row kRows[] = {
    {CKA_SIGN, "CKA_SIGN", &KeyFindings::sign, true, true},
    {CKA_SENSITIVE, "CKA_SENSITIVE", &KeyFindings::sensitive, true, true},
    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE", &KeyFindings::extractable, false,
     true},
    {CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE",
     &KeyFindings::always_sensitive, true, false},
    {CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE",
     &KeyFindings::never_extractable, true, false},
    {CKA_LOCAL, "CKA_LOCAL", &KeyFindings::local, true, false},
    {CKA_DECRYPT, "CKA_DECRYPT", &KeyFindings::decrypt, false, false},
    {CKA_UNWRAP, "CKA_UNWRAP", &KeyFindings::unwrap, false, false},
    // Such a key asks for the PIN between C_SignInit and C_Sign, each time.
    {CKA_ALWAYS_AUTHENTICATE, "CKA_ALWAYS_AUTHENTICATE",
     &KeyFindings::always_authenticate, false, false},
};

bool IsUnknownAttribute(const absl::Status& status) {
  return ReturnCodeNameOf(status) == "CKR_ATTRIBUTE_TYPE_INVALID";
}

}  // namespace

absl::StatusOr<KeyFindings> ReadKeyFindings(Session& session,
                                            CK_OBJECT_HANDLE private_key) {
  KeyFindings findings;
  for (const Row& row : kRows) {
    const absl::StatusOr<std::string> value =
        session.GetAttribute(private_key, row.type);
    if (IsUnknownAttribute(value.status())) continue;
    RETURN_IF_ERROR(value.status());
    if (value->size() != sizeof(CK_BBOOL)) continue;
    findings.*row.field = value->front() != CK_FALSE;
  }
  return findings;
}

std::vector<JudgedAttribute> Judge(const KeyFindings& findings) {
  std::vector<JudgedAttribute> judged;
  for (const Row& row : kRows) {
    const std::optional<bool>& found = findings.*row.field;
    const bool good =
        found.has_value() ? *found == row.want : !row.must_be_known;
    judged.push_back({row.name, found, row.want, good});
  }
  return judged;
}

absl::Status CheckKeyFindings(absl::string_view label,
                              const KeyFindings& findings) {
  std::vector<std::string> faults;
  for (const JudgedAttribute& one : Judge(findings)) {
    if (one.good) continue;
    faults.push_back(absl::StrCat(one.name, " is ",
                                  !one.found.has_value() ? "unknown"
                                  : *one.found           ? "true"
                                                         : "false",
                                  ", must be ", one.wanted ? "true" : "false"));
  }
  if (!faults.empty()) return error::KeyUnsafe(label, faults);
  return absl::OkStatus();
}

}  // namespace countersign::hsm
