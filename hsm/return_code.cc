#include "hsm/return_code.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/error.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;

struct Row {
  CK_RV code;
  const char* name;
  Failure failure;
  StatusCode status;
};

#define ROW(code, failure, status) \
  { code, #code, Failure::failure, StatusCode::status }
// Modules answer the same mistake with different codes, so the class counts and
// not the code. GENERAL_ERROR and FUNCTION_FAILED are the device's fault only
// because callers' mistakes are refused before the module sees them.
constexpr Row kRows[] = {
    ROW(CKR_SESSION_HANDLE_INVALID, kSession, kUnavailable),
    ROW(CKR_SESSION_CLOSED, kSession, kUnavailable),
    ROW(CKR_OPERATION_ACTIVE, kSession, kUnavailable),
    ROW(CKR_OPERATION_NOT_INITIALIZED, kSession, kUnavailable),

    ROW(CKR_USER_NOT_LOGGED_IN, kLogin, kUnavailable),

    ROW(CKR_OBJECT_HANDLE_INVALID, kHandle, kUnavailable),
    ROW(CKR_KEY_HANDLE_INVALID, kHandle, kUnavailable),

    ROW(CKR_GENERAL_ERROR, kDevice, kUnavailable),
    ROW(CKR_FUNCTION_FAILED, kDevice, kUnavailable),
    ROW(CKR_DEVICE_ERROR, kDevice, kUnavailable),
    ROW(CKR_DEVICE_MEMORY, kDevice, kUnavailable),
    ROW(CKR_DEVICE_REMOVED, kDevice, kUnavailable),
    ROW(CKR_TOKEN_NOT_PRESENT, kDevice, kUnavailable),
    ROW(CKR_TOKEN_NOT_RECOGNIZED, kDevice, kUnavailable),
    ROW(CKR_SLOT_ID_INVALID, kDevice, kUnavailable),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, kDevice, kUnavailable),
    ROW(CKR_FUNCTION_CANCELED, kDevice, kUnavailable),

    ROW(CKR_SESSION_COUNT, kCapacity, kUnavailable),
    ROW(CKR_HOST_MEMORY, kCapacity, kUnavailable),

    ROW(CKR_PIN_INCORRECT, kPin, kFailedPrecondition),
    ROW(CKR_PIN_INVALID, kPin, kFailedPrecondition),
    ROW(CKR_PIN_LEN_RANGE, kPin, kFailedPrecondition),
    ROW(CKR_PIN_EXPIRED, kPin, kFailedPrecondition),
    ROW(CKR_PIN_LOCKED, kPin, kFailedPrecondition),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, kPin, kFailedPrecondition),
    ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, kPin, kFailedPrecondition),

    ROW(CKR_MECHANISM_INVALID, kRefused, kFailedPrecondition),
    ROW(CKR_MECHANISM_PARAM_INVALID, kRefused, kFailedPrecondition),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, kRefused, kFailedPrecondition),
    ROW(CKR_KEY_TYPE_INCONSISTENT, kRefused, kFailedPrecondition),
    ROW(CKR_KEY_SIZE_RANGE, kRefused, kFailedPrecondition),
    ROW(CKR_CURVE_NOT_SUPPORTED, kRefused, kFailedPrecondition),
    ROW(CKR_DOMAIN_PARAMS_INVALID, kRefused, kFailedPrecondition),
    ROW(CKR_TOKEN_WRITE_PROTECTED, kRefused, kFailedPrecondition),
    ROW(CKR_SESSION_READ_ONLY, kRefused, kFailedPrecondition),
    ROW(CKR_ACTION_PROHIBITED, kRefused, kFailedPrecondition),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, kRefused, kFailedPrecondition),
    ROW(CKR_FUNCTION_REJECTED, kRefused, kFailedPrecondition),
    ROW(CKR_CANT_LOCK, kRefused, kFailedPrecondition),
    ROW(CKR_NEED_TO_CREATE_THREADS, kRefused, kFailedPrecondition),
    ROW(CKR_ATTRIBUTE_READ_ONLY, kRefused, kFailedPrecondition),
    ROW(CKR_ATTRIBUTE_SENSITIVE, kRefused, kFailedPrecondition),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, kRefused, kFailedPrecondition),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, kRefused, kFailedPrecondition),
    ROW(CKR_TEMPLATE_INCOMPLETE, kRefused, kFailedPrecondition),
    ROW(CKR_TEMPLATE_INCONSISTENT, kRefused, kFailedPrecondition),

    ROW(CKR_ARGUMENTS_BAD, kRefused, kInternal),
    ROW(CKR_BUFFER_TOO_SMALL, kRefused, kInternal),
    ROW(CKR_DATA_INVALID, kRefused, kInternal),
    ROW(CKR_DATA_LEN_RANGE, kRefused, kInternal),
};
#undef ROW

const Row* FindRow(CK_RV code) {
  for (const Row& row : kRows) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

std::string ReturnCodeName(CK_RV code) {
  if (code == CKR_OK) return "CKR_OK";
  if (code == CKR_USER_ALREADY_LOGGED_IN) return "CKR_USER_ALREADY_LOGGED_IN";
  if (code == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return "CKR_CRYPTOKI_ALREADY_INITIALIZED";
  }
  if (const Row* row = FindRow(code); row != nullptr) return row->name;
  if (code >= CKR_VENDOR_DEFINED) {
    return absl::StrFormat("CKR_VENDOR_DEFINED+0x%x",
                           code - CKR_VENDOR_DEFINED);
  }
  return absl::StrFormat("CKR_0x%x", code);
}

Failure FailureOf(CK_RV code) {
  const Row* row = FindRow(code);
  return row != nullptr ? row->failure : Failure::kDevice;
}

std::vector<CK_RV> ListReturnCodes() {
  std::vector<CK_RV> codes;
  for (const Row& row : kRows) codes.push_back(row.code);
  return codes;
}

absl::Status ReturnCodeStatus(CK_RV code, absl::string_view function) {
  if (code == CKR_OK) return absl::OkStatus();
  const Row* row = FindRow(code);
  base::ErrorDetails details;
  details.reason = "PKCS11_ERROR";
  const std::string name = ReturnCodeName(code);
  details.metadata["ckr"] = name;
  details.metadata["function"] = std::string(function);
  return base::MakeError(
      row != nullptr ? row->status : StatusCode::kUnavailable,
      absl::StrCat(function, " answered ", name), details);
}

std::string ReturnCodeNameOf(const absl::Status& status) {
  const auto details = base::GetErrorDetails(status);
  if (!details.has_value()) return "";
  const auto found = details->metadata.find("ckr");
  return found != details->metadata.end() ? found->second : "";
}

std::optional<Failure> FailureOf(const absl::Status& status) {
  const std::string name = ReturnCodeNameOf(status);
  if (name.empty()) return std::nullopt;
  for (const Row& row : kRows) {
    if (name == row.name) return row.failure;
  }
  return Failure::kDevice;
}

}  // namespace countersign::hsm
