#include "hsm/module.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/hsm_fixture.h"
#include "hsm/return_code.h"
#include "hsm/slot.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;

class ModuleTest : public HsmFixture {};

TEST_F(ModuleTest, NamesAMissingFile) {
  EXPECT_THAT(Module::Load("/nowhere/module.so"),
              base::HasReason("MODULE_NOT_FOUND"));
  EXPECT_THAT(Module::Load("/nowhere/module.so"),
              base::StatusIs(absl::StatusCode::kNotFound,
                             HasSubstr("/nowhere/module.so")));
}

TEST_F(ModuleTest, RefusesARelativePath) {
  EXPECT_THAT(Module::Load("libsofthsm2.so"),
              base::HasReason("BAD_SIGNER_OPTIONS"));
  EXPECT_THAT(Module::Load(""), base::HasReason("BAD_SIGNER_OPTIONS"));
}

TEST_F(ModuleTest, RefusesAFileThatIsNoLibrary) {
  const std::string path =
      softhsm_->WriteFile("text.so", "not a library", 0644);
  EXPECT_THAT(Module::Load(path), base::HasReason("NOT_A_MODULE"));
  EXPECT_THAT(Module::Load(softhsm_->directory()),
              base::HasReason("NOT_A_MODULE"));
}

TEST_F(ModuleTest, RefusesALibraryThatIsNoModule) {
  EXPECT_THAT(Module::Load("/lib/x86_64-linux-gnu/libm.so.6"),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("C_GetFunctionList")));
}

TEST_F(ModuleTest, TellsWhatInitializeSays) {
  faults_.Fail(FaultPoint::kInitialize, CKR_CANT_LOCK);
  const auto module = Module::Load(FaultModulePath());
  EXPECT_EQ(ReturnCodeNameOf(module.status()), "CKR_CANT_LOCK");
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
}

TEST_F(ModuleTest, OnlyTheOneThatInitialisedItFinalisesIt) {
  ASSERT_OK_AND_ASSIGN(auto owner, Module::Load(FaultModulePath()));
  {
    ASSERT_OK_AND_ASSIGN(const auto guest, Module::Load(FaultModulePath()));
    EXPECT_THAT(guest->Reinitialise(absl::Seconds(1)),
                base::HasReason("MODULE_NOT_OURS"));
  }
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  EXPECT_OK(ListTokens(*owner));
  owner.reset();
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(ModuleTest, NeverFinalisesWhileAThreadIsInside) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  auto entered = module->Enter();
  ASSERT_OK(entered);
  std::optional<Module::Entry> entry(*std::move(entered));
  EXPECT_THAT(module->Reinitialise(absl::Milliseconds(1)),
              base::HasReason("MODULE_STUCK"));
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  // Who is inside may come back: others are let in again.
  EXPECT_OK(module->Enter());
  // With patience it waits for the thread to leave.
  std::thread leaves([&] { entry.reset(); });
  EXPECT_OK(module->Reinitialise(absl::Minutes(1)));
  leaves.join();
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(ModuleTest, EveryInitialisationHasItsOwnEpoch) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  const uint64_t first = module->Enter()->epoch();
  ASSERT_OK(module->Reinitialise(absl::Seconds(1)));
  EXPECT_EQ(module->Enter()->epoch(), first + 1);
}

TEST_F(ModuleTest, ListsTokensAndFindsOneByLabel) {
  ASSERT_OK(softhsm_->AddToken("other"));
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(kSoftHsmModule));
  ASSERT_OK_AND_ASSIGN(const auto tokens, ListTokens(*module));
  EXPECT_EQ(tokens.size(), 2u);
  ASSERT_OK_AND_ASSIGN(const TokenInfo info, FindToken(*module, "other"));
  EXPECT_EQ(info.label, "other");
  EXPECT_FALSE(info.serial.empty());
}

TEST_F(ModuleTest, NamesTheTokensThatAreThere) {
  ASSERT_OK(softhsm_->AddToken("other"));
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(kSoftHsmModule));
  EXPECT_THAT(FindToken(*module, "tset"),
              base::StatusIs(
                  absl::StatusCode::kNotFound,
                  testing::AllOf(HasSubstr("\"test\""), HasSubstr("\"tset\""),
                                 HasSubstr("\"other\""))));
}

TEST_F(ModuleTest, RefusesTwoTokensOfOneLabel) {
  ASSERT_OK(softhsm_->AddToken("test"));
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(kSoftHsmModule));
  EXPECT_THAT(FindToken(*module, "test"), base::HasReason("TOKEN_AMBIGUOUS"));
}

}  // namespace
}  // namespace countersign::hsm
