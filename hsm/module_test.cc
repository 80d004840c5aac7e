#include "hsm/module.h"

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>

#include <filesystem>
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
#include "hsm/modules.h"
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
    EXPECT_THAT(guest->Restart(guest->epoch(), absl::Seconds(1)),
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
  const uint64_t epoch = module->epoch();
  EXPECT_THAT(module->Restart(epoch, absl::Milliseconds(1)),
              base::HasReason("MODULE_STUCK"));
  // A call that is known not to come back is not even waited for.
  module->CountStuck(1);
  EXPECT_THAT(module->Restart(epoch, absl::Hours(1)),
              base::HasReason("MODULE_STUCK"));
  module->CountStuck(-1);
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  // Who is inside may come back: others are let in again.
  EXPECT_OK(module->Enter());
  // With patience it waits for the thread to leave.
  std::thread leaves([&] { entry.reset(); });
  EXPECT_OK(module->Restart(epoch, absl::Minutes(1)));
  leaves.join();
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(ModuleTest, EveryInitialisationHasItsOwnEpoch) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  const uint64_t first = module->Enter()->epoch();
  ASSERT_OK(module->Restart(first, absl::Seconds(1)));
  EXPECT_EQ(module->Enter()->epoch(), first + 1);
}

TEST_F(ModuleTest, IsStartedAnewOnceForAllWhoSawItFail) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  const uint64_t bad = module->epoch();
  ASSERT_OK(module->Restart(bad, absl::Seconds(1)));
  ASSERT_OK(module->Restart(bad, absl::Seconds(1)));
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(ModuleTest, KeepsAPauseBetweenStartsWhereAskedTo) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  ASSERT_OK(module->Restart(module->epoch(), absl::Seconds(1), absl::Hours(1)));
  EXPECT_THAT(
      module->Restart(module->epoch(), absl::Seconds(1), absl::Hours(1)),
      base::HasReason("MODULE_CLOSED"));
  EXPECT_OK(module->Restart(module->epoch(), absl::Seconds(1)));
}

TEST_F(ModuleTest, IsInitialisedAgainAfterThatFailed) {
  Module module(FaultModulePath(), "");
  faults_.Fail(FaultPoint::kInitialize, CKR_HOST_MEMORY);
  EXPECT_EQ(FailureOf(module.Start(absl::Seconds(1))), Failure::kCapacity);
  EXPECT_THAT(module.Enter(), base::HasReason("MODULE_CLOSED"));
  EXPECT_OK(module.Start(absl::Seconds(1)));
  EXPECT_OK(module.Enter());
  // A restart that finalises and then fails leaves nothing to finalise.
  faults_.Fail(FaultPoint::kInitialize, CKR_FUNCTION_FAILED);
  EXPECT_FALSE(module.Restart(module.epoch(), absl::Seconds(1)).ok());
  EXPECT_OK(module.Restart(module.epoch(), absl::Seconds(1)));
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
}

TEST_F(ModuleTest, NobodyWaitsLongForOneWhoIsStartingIt) {
  Module module(FaultModulePath(), "");
  faults_.Hold(FaultPoint::kInitialize, 1);
  std::thread starts([&] { EXPECT_OK(module.Start(absl::Seconds(1))); });
  faults_.AwaitHeld(1);
  EXPECT_THAT(module.Start(absl::Milliseconds(1)),
              base::HasReason("MODULE_CLOSED"));
  EXPECT_THAT(module.Enter(), base::HasReason("MODULE_CLOSED"));
  faults_.Release();
  starts.join();
  EXPECT_OK(module.Enter());
}

TEST_F(ModuleTest, NobodyGetsInAfterItWasShutDown) {
  ASSERT_OK_AND_ASSIGN(const auto module, Module::Load(FaultModulePath()));
  module->Shutdown();
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 1);
  EXPECT_THAT(module->Enter(), base::HasReason("MODULE_CLOSED"));
  EXPECT_THAT(module->Start(absl::Seconds(1)),
              base::HasReason("MODULE_CLOSED"));
}

TEST_F(ModuleTest, IsLeftAloneWhereACallDoesNotComeBack) {
  ASSERT_OK_AND_ASSIGN(auto module, Module::Load(FaultModulePath()));
  {
    ASSERT_OK_AND_ASSIGN(const Module::Entry entry, module->Enter());
    module->CountStuck(1);
    module->Shutdown();
    EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  }
  module.reset();
  EXPECT_EQ(faults_.calls(FaultPoint::kFinalize), 0);
  // For the tests that follow.
  void* library = dlopen(FaultModulePath().c_str(), RTLD_NOW);
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  ASSERT_EQ(get(&functions), CKR_OK);
  EXPECT_EQ(functions->C_Finalize(nullptr), CKR_OK);
}

TEST_F(ModuleTest, SoftHsmTakesNoInitArguments) {
  EXPECT_EQ(ReturnCodeNameOf(Module::Load(kSoftHsmModule, "x=y").status()),
            "CKR_ARGUMENTS_BAD");
}

TEST_F(ModuleTest, TokensOfOneFileShareTheModule) {
  Modules modules;
  ASSERT_OK_AND_ASSIGN(const auto one, modules.Get(FaultModulePath(), "a"));
  const std::string link = softhsm_->directory() + "/link.so";
  std::filesystem::create_symlink(FaultModulePath(), link);
  ASSERT_OK_AND_ASSIGN(const auto two, modules.Get(link, "a"));
  EXPECT_EQ(one, two);
  EXPECT_THAT(modules.Get(link, "b"), base::HasReason("BAD_SIGNER_OPTIONS"));
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
