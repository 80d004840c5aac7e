#include "hsm/return_code.h"

#include <string>

#include "absl/status/status.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using absl::StatusCode;

struct CodeCase {
  CK_RV code;
  const char* name;
  Failure failure;
  StatusCode status;
};

// Written by hand from PKCS#11 2.40 and the classes of docs/hsm.md, so that a
// row that slips in the table is seen.
const CodeCase kCases[] = {
    {0xb3, "CKR_SESSION_HANDLE_INVALID", Failure::kSession,
     StatusCode::kUnavailable},
    {0xb0, "CKR_SESSION_CLOSED", Failure::kSession, StatusCode::kUnavailable},
    {0x90, "CKR_OPERATION_ACTIVE", Failure::kSession, StatusCode::kUnavailable},
    {0x91, "CKR_OPERATION_NOT_INITIALIZED", Failure::kSession,
     StatusCode::kUnavailable},
    {0x101, "CKR_USER_NOT_LOGGED_IN", Failure::kLogin,
     StatusCode::kUnavailable},
    {0x82, "CKR_OBJECT_HANDLE_INVALID", Failure::kHandle,
     StatusCode::kUnavailable},
    {0x60, "CKR_KEY_HANDLE_INVALID", Failure::kHandle,
     StatusCode::kUnavailable},
    {0x30, "CKR_DEVICE_ERROR", Failure::kDevice, StatusCode::kUnavailable},
    {0x32, "CKR_DEVICE_REMOVED", Failure::kDevice, StatusCode::kUnavailable},
    {0x31, "CKR_DEVICE_MEMORY", Failure::kDevice, StatusCode::kUnavailable},
    {0xe0, "CKR_TOKEN_NOT_PRESENT", Failure::kDevice, StatusCode::kUnavailable},
    {0xe1, "CKR_TOKEN_NOT_RECOGNIZED", Failure::kDevice,
     StatusCode::kUnavailable},
    {0x5, "CKR_GENERAL_ERROR", Failure::kDevice, StatusCode::kUnavailable},
    {0x6, "CKR_FUNCTION_FAILED", Failure::kDevice, StatusCode::kUnavailable},
    {0x190, "CKR_CRYPTOKI_NOT_INITIALIZED", Failure::kDevice,
     StatusCode::kUnavailable},
    {0xb1, "CKR_SESSION_COUNT", Failure::kCapacity, StatusCode::kUnavailable},
    {0x2, "CKR_HOST_MEMORY", Failure::kCapacity, StatusCode::kUnavailable},
    {0xa0, "CKR_PIN_INCORRECT", Failure::kPin, StatusCode::kFailedPrecondition},
    {0xa4, "CKR_PIN_LOCKED", Failure::kPin, StatusCode::kFailedPrecondition},
    {0xa3, "CKR_PIN_EXPIRED", Failure::kPin, StatusCode::kFailedPrecondition},
    {0xa2, "CKR_PIN_LEN_RANGE", Failure::kPin, StatusCode::kFailedPrecondition},
    {0x102, "CKR_USER_PIN_NOT_INITIALIZED", Failure::kPin,
     StatusCode::kFailedPrecondition},
    {0x70, "CKR_MECHANISM_INVALID", Failure::kRefused,
     StatusCode::kFailedPrecondition},
    {0x68, "CKR_KEY_FUNCTION_NOT_PERMITTED", Failure::kRefused,
     StatusCode::kFailedPrecondition},
    {0x62, "CKR_KEY_SIZE_RANGE", Failure::kRefused,
     StatusCode::kFailedPrecondition},
    {0x21, "CKR_DATA_LEN_RANGE", Failure::kRefused, StatusCode::kInternal},
    {0x20, "CKR_DATA_INVALID", Failure::kRefused, StatusCode::kInternal},
    {0x7, "CKR_ARGUMENTS_BAD", Failure::kRefused, StatusCode::kInternal},
    {0x12, "CKR_ATTRIBUTE_TYPE_INVALID", Failure::kRefused,
     StatusCode::kFailedPrecondition},
    // NSS softokn's answer to a missing directory, a vendor's code.
    {0xce534351, "CKR_VENDOR_DEFINED+0x4e534351", Failure::kDevice,
     StatusCode::kUnavailable},
    {0x12345, "CKR_0x12345", Failure::kDevice, StatusCode::kUnavailable},
};

class ReturnCodeTest : public testing::TestWithParam<CodeCase> {};

TEST_P(ReturnCodeTest, HasNameClassAndStatus) {
  const CodeCase& want = GetParam();
  EXPECT_EQ(ReturnCodeName(want.code), want.name);
  EXPECT_EQ(FailureOf(want.code), want.failure);
  const absl::Status status = ReturnCodeStatus(want.code, "C_Sign");
  EXPECT_EQ(status.code(), want.status);
  EXPECT_EQ(status.message(), std::string("C_Sign answered ") + want.name);
  EXPECT_EQ(ReturnCodeNameOf(status), want.name);
  EXPECT_EQ(FailureOf(status), want.failure);
}

INSTANTIATE_TEST_SUITE_P(All, ReturnCodeTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           for (char& c : name) {
                             if (c == '+') c = '_';
                           }
                           return name;
                         });

TEST(ReturnCodeTest, OkIsNoError) {
  EXPECT_OK(ReturnCodeStatus(CKR_OK, "C_Sign"));
  EXPECT_EQ(ReturnCodeName(CKR_OK), "CKR_OK");
}

TEST(ReturnCodeTest, OtherErrorsHaveNoClass) {
  EXPECT_EQ(FailureOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(FailureOf(absl::UnavailableError("elsewhere")), std::nullopt);
  EXPECT_EQ(FailureOf(base::MakeError(StatusCode::kInternal, "x", {})),
            std::nullopt);
}

TEST(ReturnCodeTest, ClassSurvivesAnnotation) {
  const absl::Status status =
      base::Annotate(ReturnCodeStatus(CKR_DEVICE_ERROR, "C_Sign"), "signing");
  EXPECT_EQ(FailureOf(status), Failure::kDevice);
}

}  // namespace
}  // namespace countersign::hsm
