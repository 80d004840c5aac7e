#include "hsm/ceremony/user_login.h"

#include <memory>

#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "hsm/ceremony/test_console.h"
#include "hsm/return_code.h"
#include "hsm/softhsm_token.h"

namespace countersign::hsm {
namespace {

struct Case {
  const char* name;
  PinState pin;
  bool refused;
};

// SoftHSM never locks: the states are made up.
class PinStateTest : public testing::TestWithParam<Case> {};

TEST_P(PinStateTest, IsLookedAtBeforeTheOfficersPinIsTried) {
  SlotInfo info;
  info.label = "t";
  info.so_pin = GetParam().pin;
  if (GetParam().refused) {
    EXPECT_THAT(CheckOfficerPin(info), base::HasReason("PIN_REFUSED"));
  } else {
    EXPECT_OK(CheckOfficerPin(info));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PinStateTest,
    testing::Values(Case{"Set", {true, false, false, false, false}, false},
                    Case{"CountLow", {true, true, false, false, false}, false},
                    Case{"FinalTry", {true, true, true, false, false}, true},
                    Case{"Locked", {true, false, false, true, false}, true}),
    [](const auto& info) { return info.param.name; });

TEST(UserLoginTest, LooksAtThePinBeforeTheUserIsEvenAsked) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Libp11> libp11,
                       Libp11::Load("/usr/lib/softhsm/libsofthsm2.so", ""));
  for (const PinState& pin : {PinState{true, true, true, false, false},
                              PinState{true, false, false, true, false}}) {
    TestConsole world;
    world.Type({"1234"});
    hsm::Run run(world.console());
    SlotInfo info;
    info.label = "t";
    info.user_pin = pin;
    EXPECT_THAT(LogInAsUser(run, *libp11, info),
                base::HasReason("PIN_REFUSED"));
    EXPECT_TRUE(world.questions().empty());
  }
}

TEST(OfficerRefusalTest, NamesTheCodeAndLeavesOtherErrorsAlone) {
  SlotInfo info;
  info.label = "t";
  const absl::Status refused =
      OfficerRefusal(info, ReturnCodeStatus(CKR_PIN_INCORRECT, "C_Login"));
  EXPECT_THAT(refused, base::HasReason("PIN_REFUSED"));
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr("CKR_PIN_INCORRECT"));
  const absl::Status away =
      OfficerRefusal(info, ReturnCodeStatus(CKR_DEVICE_ERROR, "C_Login"));
  EXPECT_EQ(ReturnCodeNameOf(away), "CKR_DEVICE_ERROR");
  EXPECT_OK(OfficerRefusal(info, absl::OkStatus()));
}

}  // namespace
}  // namespace countersign::hsm
