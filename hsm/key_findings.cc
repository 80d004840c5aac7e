#include "hsm/key_findings.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/errors.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

struct Row {
  CK_ATTRIBUTE_TYPE type;
  const char* name;
  std::optional<bool> KeyFindings::*field;
  std::optional<bool> want;  // nullopt: not judged
  bool must_be_known;
  const char* why = "";
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
    {CKA_ALWAYS_AUTHENTICATE, "CKA_ALWAYS_AUTHENTICATE",
     &KeyFindings::always_authenticate, false, false,
     "such a key asks for the PIN between C_SignInit and C_Sign for every "
     "signature, which nobody is there to give; make one without it"},
    {CKA_PRIVATE, "CKA_PRIVATE", &KeyFindings::is_private, true, false,
     "such a key signs for anyone who reaches the token, without its PIN"},
    {CKA_MODIFIABLE, "CKA_MODIFIABLE", &KeyFindings::modifiable, std::nullopt,
     false},
};

constexpr absl::string_view kWaivable[] = {"CKA_LOCAL"};

bool IsUnknownAttribute(const absl::Status& status) {
  const std::string code = ReturnCodeNameOf(status);
  return code == "CKR_ATTRIBUTE_TYPE_INVALID" ||
         code == "CKR_ATTRIBUTE_SENSITIVE";
}

const char* ToText(const std::optional<bool>& value) {
  return !value.has_value() ? "unknown" : *value ? "true" : "false";
}

template <typename Names>
bool Contains(const Names& names, absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
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

std::vector<JudgedAttribute> Judge(const KeyFindings& findings,
                                   const std::vector<std::string>& accepted) {
  std::vector<JudgedAttribute> judged;
  for (const Row& row : kRows) {
    if (!row.want.has_value()) continue;
    const std::optional<bool>& found = findings.*row.field;
    const bool good =
        Contains(accepted, row.name) ||
        (found.has_value() ? found == row.want : !row.must_be_known);
    judged.push_back({row.name, found, *row.want, good, row.why});
  }
  return judged;
}

absl::Status CheckKeyFindings(absl::string_view label,
                              const KeyFindings& findings,
                              const std::vector<std::string>& accepted) {
  std::vector<std::string> faults;
  for (const JudgedAttribute& one : Judge(findings, accepted)) {
    if (one.good) continue;
    faults.push_back(absl::StrCat(one.name, " is ", ToText(one.found),
                                  ", must be ", ToText(one.wanted)));
    if (*one.why != '\0') absl::StrAppend(&faults.back(), " (", one.why, ")");
  }
  if (!faults.empty()) return error::KeyUnsafe(label, faults);
  return absl::OkStatus();
}

absl::Status CheckAcceptedAttributes(const std::vector<std::string>& accepted) {
  for (const std::string& name : accepted) {
    if (Contains(kWaivable, name)) continue;
    return error::BadOptions(absl::StrCat(
        "accept_attributes may hold ", absl::StrJoin(kWaivable, ", "),
        " and nothing else, not \"", base::EscapeForDisplay(name), "\""));
  }
  return absl::OkStatus();
}

std::map<std::string, std::string> AttributesOf(const KeyFindings& findings) {
  std::map<std::string, std::string> attributes;
  for (const Row& row : kRows) {
    attributes[row.name] = ToText(findings.*row.field);
  }
  return attributes;
}

}  // namespace countersign::hsm
