// The fault module does what it is told: what other tests rely on.
#include "hsm/fault_control.h"

#include <thread>

#include "absl/time/time.h"
#include "base/clock.h"
#include "gtest/gtest.h"
#include "hsm/fault_desk.h"

namespace countersign::hsm {
namespace {

// As the module uses it.
CK_RV Call(FaultControl& control, FaultPoint at) {
  const CK_RV code = control.Enter(at);
  control.Leave();
  return code;
}

TEST(FaultControl, FailsTheCallsThatItIsToldTo) {
  FaultControl control;
  control.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR, /*times=*/2, /*skip=*/1);
  EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_OK);
  EXPECT_EQ(Call(control, FaultPoint::kLogin), CKR_OK);
  EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_DEVICE_ERROR);
  EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_DEVICE_ERROR);
  EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_OK);
  EXPECT_EQ(control.calls(FaultPoint::kSign), 4);
  control.Fail(FaultPoint::kSign, CKR_DEVICE_ERROR, FaultControl::kAll);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_DEVICE_ERROR);
  }
  control.Reset();
  EXPECT_EQ(Call(control, FaultPoint::kSign), CKR_OK);
  EXPECT_EQ(control.calls(FaultPoint::kSign), 1);
}

TEST(FaultControl, HoldsCallsUntilTheyAreReleased) {
  FaultControl control;
  control.Hold(FaultPoint::kLogin, 1);
  std::thread held([&] { Call(control, FaultPoint::kLogin); });
  control.AwaitHeld(1);
  EXPECT_EQ(Call(control, FaultPoint::kLogin), CKR_OK);
  control.Release();
  held.join();
}

TEST(FaultControl, SeesWhoFinalisesWithAThreadInside) {
  FaultControl control;
  Call(control, FaultPoint::kFinalize);
  EXPECT_EQ(control.finalised_with_a_thread_inside(), 0);
  control.Enter(FaultPoint::kSign);
  Call(control, FaultPoint::kFinalize);
  control.Leave();
  EXPECT_EQ(control.finalised_with_a_thread_inside(), 1);
}

TEST(FaultControl, HasRoomForSoManySessions) {
  FaultControl control;
  Pretence pretence;
  pretence.session_limit = 2;
  control.Pretend(pretence);
  EXPECT_TRUE(control.TakeSession());
  EXPECT_TRUE(control.TakeSession());
  EXPECT_FALSE(control.TakeSession());
  control.DropSession();
  EXPECT_TRUE(control.TakeSession());
  EXPECT_EQ(control.open_sessions(), 2);
}

TEST(FaultControl, DelaysCalls) {
  FaultControl control;
  control.Delay(FaultPoint::kSign, absl::Milliseconds(20));
  const absl::Duration before = base::SteadyNow();
  Call(control, FaultPoint::kSign);
  EXPECT_GE(base::SteadyNow() - before, absl::Milliseconds(20));
}

TEST(FaultDesk, ReachesTheOneInTheModule) {
  EXPECT_EQ(&Faults(), &Faults());
  Faults().Reset();
  EXPECT_EQ(Faults().calls(FaultPoint::kInitialize), 0);
}

}  // namespace
}  // namespace countersign::hsm
