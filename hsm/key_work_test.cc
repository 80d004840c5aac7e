#include "hsm/key_work.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/module.h"
#include "hsm/return_code.h"
#include "hsm/session.h"
#include "hsm/sign_worker.h"
#include "hsm/token.h"

namespace countersign::hsm {
namespace {

class KeyWorkTest : public HsmFixture {
 protected:
  void SetUp() override {
    HsmFixture::SetUp();
    const TokenOptions options = FaultyToken();
    auto token = Token::Create(
        options, std::make_shared<Module>(options.module_path, ""));
    ASSERT_OK(token);
    token_ = *std::move(token);
    ASSERT_OK(token_->AwaitFirstTry(absl::Minutes(1)));
    share_ = std::make_shared<WorkerShare>(token_, SignQueue::Options(), clock_,
                                           nullptr);
  }
  void TearDown() override {
    faults_.Release();
    while (share_->stuck > 0) base::SleepFor(absl::Milliseconds(1));
    EXPECT_TRUE(token_->Stop(absl::Minutes(1)));
    token_->module().Shutdown();
  }

  base::SystemClock clock_;
  std::shared_ptr<Token> token_;
  std::shared_ptr<WorkerShare> share_;
};

TEST_F(KeyWorkTest, RunsOnASessionAndTellsItsError) {
  KeyWork work(share_);
  EXPECT_OK(work.Run([](Session& session) { return session.KeepAlive(); }));
  EXPECT_EQ(work.Run([](Session&) { return absl::NotFoundError("x"); }),
            absl::NotFoundError("x"));
}

TEST_F(KeyWorkTest, OneIsDoneAfterTheOther) {
  KeyWork work(share_);
  std::atomic<int> inside{0};
  std::atomic<int> together{0};
  const auto step = [&](Session& session) {
    if (++inside > 1) ++together;
    const absl::Status status = session.KeepAlive();
    --inside;
    return status;
  };
  std::thread threads[4];
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      for (int i = 0; i < 10; ++i) EXPECT_OK(work.Run(step));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, 0);
}

TEST_F(KeyWorkTest, WhatDoesNotComeBackIsLeftBehindAndCounted) {
  KeyWork work(share_, absl::Milliseconds(50));
  faults_.Hold(FaultPoint::kGetSessionInfo, 1);
  const auto step = [](Session& session) { return session.KeepAlive(); };
  EXPECT_THAT(work.Run(step), base::HasReason("CALL_STUCK"));
  EXPECT_EQ(share_->stuck, 1);
  // Nothing else is begun meanwhile: it might make the same key.
  EXPECT_THAT(work.Run(step), base::HasReason("TOKEN_UNAVAILABLE"));
  faults_.Release();
  while (share_->stuck > 0) base::SleepFor(absl::Milliseconds(1));
  EXPECT_OK(work.Run(step));
}

TEST_F(KeyWorkTest, ALostDeviceIsTakenUpAgain) {
  KeyWork work(share_);
  faults_.Fail(FaultPoint::kGetSessionInfo, CKR_DEVICE_ERROR);
  const auto step = [](Session& session) { return session.KeepAlive(); };
  EXPECT_THAT(work.Run(step), base::HasReason("TOKEN_UNAVAILABLE"));
  // Waits for the token that was just lost.
  EXPECT_OK(work.Run(step));
  EXPECT_EQ(faults_.calls(FaultPoint::kInitialize), 2);
}

}  // namespace
}  // namespace countersign::hsm
