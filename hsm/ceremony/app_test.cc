#include "hsm/ceremony/app.h"

#include <memory>

#include "base/json.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "hsm/ceremony/test_console.h"
#include "hsm/presence.h"
#include "hsm/softhsm_token.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kPin[] = "1234567890";
constexpr char kOfficerPin[] = "0987654321";

class AppTest : public testing::Test {
 protected:
  void SetUp() override {
    auto softhsm = SoftHsmToken::Create();
    ASSERT_OK(softhsm);
    softhsm_ = *std::move(softhsm);
  }

  // With the PIN file of the token "test".
  TestRun RunWithPin(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--pin-file", softhsm_->pin_file()});
    return world_.Run(arguments);
  }

  std::unique_ptr<SoftHsmToken> softhsm_;
  TestConsole world_;
};

TEST_F(AppTest, HelpOfEveryCommandHasAnExample) {
  const std::vector<std::vector<std::string>> commands = {
      {"token", "list"},
      {"token", "init"},
      {"token", "set-pin"},
      {"key", "list"},
      {"key", "generate"},
      {"key", "inspect"},
      {"key", "export"},
      {"key", "csr"},
      {"key", "test-sign"},
      {"key", "delete"},
      {"certificate", "list"},
      {"certificate", "read"},
      {"certificate", "store"},
      {"ca", "self-sign"},
      {"ca", "csr"},
      {"latch", "show"},
      {"latch", "clear"}};
  for (std::vector<std::string> command : commands) {
    const std::string line = "countersign-hsm " + command[0] + " " + command[1];
    command.push_back("--help");
    const TestRun run = world_.Run(command);
    EXPECT_EQ(run.code, ExitCode::kOk);
    EXPECT_THAT(run.out, HasSubstr("Examples:\n  " + line));
  }
}

TEST_F(AppTest, NeverTakesAPinFromTheCommandLineNorRepeatsIt) {
  for (const char* flag : {"--pin", "--so-pin", "--new-pin"}) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{flag, "tops3cret"},
          std::vector<std::string>{std::string(flag) + "=tops3cret"}}) {
      std::vector<std::string> arguments = {"key", "list", "-o", "json"};
      arguments.insert(arguments.end(), words.begin(), words.end());
      const TestRun run = world_.Run(arguments);
      EXPECT_EQ(run.code, ExitCode::kBadInput);
      EXPECT_THAT(run.err, HasSubstr("PIN_ON_COMMAND_LINE"));
      EXPECT_THAT(run.err + run.out, Not(HasSubstr("tops3cret")));
    }
  }
}

TEST_F(AppTest, AsksForThePinOfTheTokenByName) {
  world_.Type({kPin});
  const TestRun run = world_.Run({"key", "list"});
  EXPECT_EQ(run.code, ExitCode::kOk) << run.err;
  EXPECT_THAT(world_.questions(), testing::ElementsAre("User PIN of test: "));
}

TEST_F(AppTest, LatchesNothingForAPinThatWasTyped) {
  world_.Type({"00000000", kPin});
  EXPECT_EQ(world_.Run({"key", "list"}).code, ExitCode::kDenied);
  EXPECT_EQ(world_.Run({"key", "list"}).code, ExitCode::kOk);
}

TEST_F(AppTest, TriesAPinFromAFileOnce) {
  const std::string file = softhsm_->WriteFile("bad", "00000000\n", 0600);
  const TestRun first = world_.Run({"key", "list", "--pin-file", file});
  EXPECT_EQ(first.code, ExitCode::kDenied);
  EXPECT_THAT(first.err, HasSubstr("CKR_PIN_INCORRECT"));
  const TestRun second = world_.Run({"key", "list", "--pin-file", file});
  EXPECT_EQ(second.code, ExitCode::kDenied);
  EXPECT_THAT(second.err, HasSubstr("PIN_LATCHED"));
  // Another PIN in that file is.
  softhsm_->WriteFile("bad", std::string(kPin) + "\n", 0600);
  EXPECT_EQ(world_.Run({"key", "list", "--pin-file", file}).code,
            ExitCode::kOk);
}

TEST_F(AppTest, DeletesOnlyWhatWasTypedAgain) {
  ASSERT_EQ(RunWithPin({"key", "generate", "k", "--type", "P-256"}).code,
            ExitCode::kOk);
  world_.Type({}, "K\n");
  EXPECT_EQ(RunWithPin({"key", "delete", "k"}).code, ExitCode::kOther);
  world_.Type({}, "");
  EXPECT_EQ(RunWithPin({"key", "delete", "k"}).code, ExitCode::kOther);
  EXPECT_EQ(RunWithPin({"key", "inspect", "k"}).code, ExitCode::kOk);
  world_.Type({}, "k\n");
  const TestRun run = RunWithPin({"key", "delete", "k"});
  EXPECT_EQ(run.code, ExitCode::kOk);
  EXPECT_THAT(run.err, HasSubstr("Type k to go on"));
  EXPECT_EQ(RunWithPin({"key", "inspect", "k"}).code, ExitCode::kNotFound);
}

TEST_F(AppTest, DoesNotDisturbAServer) {
  const TestRun list = world_.Run({"token", "list", "-o", "json"});
  ASSERT_OK_AND_ASSIGN(const base::Json json, base::ParseJson(list.out));
  const std::string serial =
      json.Find("tokens")->array()[0].Find("serial")->string();
  ASSERT_EQ(RunWithPin({"key", "generate", "k", "--type", "P-256"}).code,
            ExitCode::kOk);
  ASSERT_OK_AND_ASSIGN(auto presence, Presence::Announce("test", serial));
  EXPECT_EQ(RunWithPin({"key", "list"}).code, ExitCode::kOk);
  const TestRun refused = RunWithPin({"key", "delete", "k", "--confirm", "k"});
  EXPECT_EQ(refused.code, ExitCode::kPrecondition);
  EXPECT_THAT(refused.err, HasSubstr("SERVER_RUNNING"));
  presence.reset();
  EXPECT_EQ(RunWithPin({"key", "delete", "k", "--confirm", "k"}).code,
            ExitCode::kOk);
}

TEST_F(AppTest, MakesATokenWithPinsThatAreTypedTwice) {
  world_.Type({kOfficerPin, kOfficerPin, kPin, kPin});
  const TestRun run = world_.Run({"token", "init", "fresh", "-o", "json"});
  EXPECT_EQ(run.code, ExitCode::kOk) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\"label\": \"fresh\""));
  EXPECT_EQ(RunWithPin({"key", "list", "--token", "fresh"}).code,
            ExitCode::kOk);
  // The one that was there is as before.
  EXPECT_EQ(RunWithPin({"key", "list", "--token", "test"}).code, ExitCode::kOk);
}

TEST_F(AppTest, ErasesATokenOnlyAfterItsLabelWasTyped) {
  world_.Type({}, "tets\n");
  const TestRun run = world_.Run({"token", "init", "test", "--erase"});
  EXPECT_EQ(run.code, ExitCode::kOther);
  EXPECT_THAT(run.err, HasSubstr("Nothing brings them back"));
  EXPECT_TRUE(world_.questions().empty());
}

}  // namespace
}  // namespace countersign::hsm
