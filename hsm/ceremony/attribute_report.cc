#include "hsm/ceremony/attribute_report.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "hsm/return_code.h"

namespace countersign::hsm {
namespace {

enum class Form { kBool, kNumber, kOctets };
enum class Half { kPrivate, kPublic };

struct Row {
  CK_ATTRIBUTE_TYPE type;
  const char* name;
  Form form;
  Half half;
};

// PKCS#11 2.40 4.4 to 4.9. Judged ones are not repeated here.
constexpr Row kRows[] = {
    {CKA_TOKEN, "CKA_TOKEN", Form::kBool, Half::kPrivate},
    {CKA_MODIFIABLE, "CKA_MODIFIABLE", Form::kBool, Half::kPrivate},
    {CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER", Form::kBool, Half::kPrivate},
    {CKA_DERIVE, "CKA_DERIVE", Form::kBool, Half::kPrivate},
    {CKA_WRAP_WITH_TRUSTED, "CKA_WRAP_WITH_TRUSTED", Form::kBool,
     Half::kPrivate},
    {CKA_KEY_GEN_MECHANISM, "CKA_KEY_GEN_MECHANISM", Form::kNumber,
     Half::kPrivate},
    {CKA_START_DATE, "CKA_START_DATE", Form::kOctets, Half::kPrivate},
    {CKA_END_DATE, "CKA_END_DATE", Form::kOctets, Half::kPrivate},
    {CKA_VERIFY, "CKA_VERIFY (public)", Form::kBool, Half::kPublic},
    {CKA_ENCRYPT, "CKA_ENCRYPT (public)", Form::kBool, Half::kPublic},
    {CKA_WRAP, "CKA_WRAP (public)", Form::kBool, Half::kPublic},
};

std::string BoolText(bool value) { return value ? "true" : "false"; }

std::string Text(Form form, const std::string& octets) {
  switch (form) {
    case Form::kBool:
      if (octets.size() != sizeof(CK_BBOOL)) break;
      return BoolText(octets.front() != CK_FALSE);
    case Form::kNumber: {
      CK_ULONG number = 0;
      if (octets.size() != sizeof number) break;
      std::memcpy(&number, octets.data(), sizeof number);
      return absl::StrCat("0x", absl::Hex(number));
    }
    case Form::kOctets:
      if (octets.empty()) return "empty";
      break;
  }
  return base::HexEncode(octets);
}

std::string ValueOf(Session& session, CK_OBJECT_HANDLE object, const Row& row) {
  const absl::StatusOr<std::string> value =
      session.GetAttribute(object, row.type);
  if (value.ok()) return Text(row.form, *value);
  const std::string code = ReturnCodeNameOf(value.status());
  return code == "CKR_ATTRIBUTE_TYPE_INVALID" ? "unknown" : code;
}

}  // namespace

std::vector<AttributeLine> ReportAttributes(Session& session,
                                            const KeyPairHandles& pair,
                                            const KeyFindings& findings) {
  std::vector<AttributeLine> lines;
  for (const JudgedAttribute& one : Judge(findings)) {
    lines.push_back({one.name,
                     one.found.has_value() ? BoolText(*one.found) : "unknown",
                     one.good ? "good" : "BAD",
                     one.good ? "" : BoolText(one.wanted), one.why});
  }
  for (const Row& row : kRows) {
    const CK_OBJECT_HANDLE object =
        row.half == Half::kPrivate ? pair.private_key : pair.public_key;
    lines.push_back({row.name, ValueOf(session, object, row), "", "", ""});
  }
  return lines;
}

}  // namespace countersign::hsm
