#include "hsm/ceremony/error_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/exit_code.h"
#include "hsm/errors.h"

namespace countersign::hsm {
namespace {

struct Case {
  const char* name;
  absl::Status status;
  int code;
};

class ExitCodeTest : public testing::TestWithParam<Case> {};

TEST_P(ExitCodeTest, IsTheOneOfTheTable) {
  EXPECT_EQ(static_cast<int>(ExitCodeFor(GetParam().status)), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    All, ExitCodeTest,
    testing::Values(
        Case{"Ok", absl::OkStatus(), 0},
        Case{"NotConfirmed", error::NotConfirmed(), 1},
        Case{"Bug", absl::InternalError("x"), 1},
        Case{"Usage", error::Usage("x"), 2},
        Case{"PinRefused", error::PinRefused("t", "why", "CKR_PIN_LOCKED"), 3},
        Case{"PinLatched", error::PinLatched("t", "file", "what"), 3},
        Case{"Away", error::TokenUnavailable("t", "why"), 6},
        Case{"NoKey", error::NoSuchKey("x", {}), 7},
        Case{"NoModule", error::ModuleNotFound("/x"), 7},
        Case{"Served", error::ServerRunning("t", {1}), 8},
        Case{"KeyExists", error::KeyExists("k", "01"), 8},
        Case{"Unsafe", error::KeyUnsafe("k", {"x"}), 9},
        Case{"OtherKey", error::CertificateOfOtherKey("k"), 9},
        Case{"WrongSignature",
             error::WrongSignature("k", absl::InvalidArgumentError("x")), 9},
        Case{"Interrupted", error::Interrupted(), 130}),
    [](const auto& info) { return info.param.name; });

TEST(ErrorTextTest, SaysMessageCodeAndReasonAndNothingThatMovesTheCursor) {
  EXPECT_EQ(ErrorText(error::NoSuchKey("labelled \"\x1b[2J\"", {"a", "b"})),
            "countersign-hsm: the token has no key labelled \"\\x1b[2J\"; its "
            "keys are: \"a\", \"b\"\n  (NOT_FOUND, KEY_MISSING)\n");
}

TEST(ErrorTextTest, NamesTheProcessThatServes) {
  EXPECT_THAT(std::string(error::ServerRunning("t", {12, 34}).message()),
              testing::HasSubstr("process 12, 34"));
}

TEST(ErrorJsonTest, HoldsTheExitCode) {
  const base::Json json = ErrorJson(error::KeyExists("k", "01"));
  const base::Json& error = *json.Find("error");
  EXPECT_EQ(error.Find("exitCode")->number(), 8);
  EXPECT_EQ(error.Find("reason")->string(), "KEY_EXISTS");
  EXPECT_EQ(error.Find("code")->string(), "ALREADY_EXISTS");
}

}  // namespace
}  // namespace countersign::hsm
