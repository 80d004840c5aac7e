#include "client/token/run_program.h"

#include <string>

#include "base/clock.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

ProgramCall Shell(const std::string& script) {
  ProgramCall call;
  call.words = {"/bin/sh", "-c", script};
  call.patience = absl::Seconds(30);
  return call;
}

TEST(RunProgram, GivesOutputErrorsAndCode) {
  ASSERT_OK_AND_ASSIGN(const ProgramEnd end,
                       RunProgram(Shell("echo out; echo err >&2; exit 3")));
  EXPECT_EQ(end.output, "out\n");
  EXPECT_EQ(end.errors, "err\n");
  EXPECT_EQ(end.code, 3);
}

TEST(RunProgram, TellsASignalAsShellsDo) {
  ASSERT_OK_AND_ASSIGN(const ProgramEnd end,
                       RunProgram(Shell("kill -TERM $$")));
  EXPECT_EQ(end.code, 128 + 15);
}

TEST(RunProgram, PassesArgumentsWithoutAShell) {
  ProgramCall call;
  call.words = {"printf", "%s|", "a b", "$(id)", "*"};
  ASSERT_OK_AND_ASSIGN(const ProgramEnd end, RunProgram(call));
  EXPECT_EQ(end.output, "a b|$(id)|*|");
}

TEST(RunProgram, AddsToTheEnvironment) {
  setenv("RUN_PROGRAM_OURS", "ours", 1);
  setenv("RUN_PROGRAM_BOTH", "ours", 1);
  ProgramCall call =
      Shell("echo $RUN_PROGRAM_OURS $RUN_PROGRAM_BOTH $RUN_PROGRAM_NEW");
  call.variables = {{"RUN_PROGRAM_BOTH", "theirs"}, {"RUN_PROGRAM_NEW", "new"}};
  ASSERT_OK_AND_ASSIGN(const ProgramEnd end, RunProgram(call));
  EXPECT_EQ(end.output, "ours theirs new\n");
}

TEST(RunProgram, HasNoInputToWaitFor) {
  ASSERT_OK_AND_ASSIGN(const ProgramEnd end, RunProgram(Shell("cat; echo .")));
  EXPECT_EQ(end.output, ".\n");
}

TEST(RunProgram, NamesAProgramThatIsNotThere) {
  ProgramCall call;
  call.words = {"no-such-program-here"};
  EXPECT_THAT(RunProgram(call), HasReason("PROGRAM_NOT_FOUND"));
  EXPECT_THAT(RunProgram(call), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("no-such-program-here")));
}

TEST(RunProgram, EndsOneThatTakesTooLong) {
  // What it started keeps the pipe open as well.
  ProgramCall call = Shell("sleep 600 & sleep 600");
  call.patience = absl::Milliseconds(100);
  EXPECT_THAT(RunProgram(call), HasReason("PROGRAM_FAILED"));
  EXPECT_THAT(RunProgram(call),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("longer")));
}

TEST(RunProgram, EndsOneThatSaysTooMuch) {
  EXPECT_THAT(RunProgram(Shell("yes")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("65536")));
}

TEST(RunProgram, KeepsTheEndOfLongErrors) {
  ASSERT_OK_AND_ASSIGN(
      const ProgramEnd end,
      RunProgram(Shell("head -c 100000 /dev/zero | tr '\\0' a >&2; "
                       "echo last >&2")));
  EXPECT_LE(end.errors.size(), 4096u);
  EXPECT_THAT(end.errors, testing::EndsWith("last\n"));
}

TEST(RunProgram, EndsWhenTheUserInterrupts) {
  ProgramCall call = Shell("sleep 600");
  call.interrupted = [] { return true; };
  EXPECT_THAT(RunProgram(call), HasReason("INTERRUPTED"));
}

}  // namespace
}  // namespace countersign::client
