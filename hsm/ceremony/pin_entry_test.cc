#include "hsm/ceremony/pin_entry.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "hsm/ceremony/test_console.h"

namespace countersign::hsm {
namespace {

using base::HasReason;

std::string PinFile(const std::string& text, mode_t mode = 0600) {
  const std::string path = std::string(getenv("TEST_TMPDIR")) + "/pin";
  remove(path.c_str());
  std::ofstream(path) << text;
  chmod(path.c_str(), mode);
  return path;
}

TEST(PinEntryTest, TakesTheFirstLineOfAFileWithoutAsking) {
  TestConsole world;
  ASSERT_OK_AND_ASSIGN(
      const auto pin,
      ReadPin(world.console(), PinFile("1234\nrest\n"), "PIN", "--pin-file"));
  EXPECT_EQ(pin.DangerouslyExpose(), "1234");
  EXPECT_TRUE(world.questions().empty());
}

TEST(PinEntryTest, RefusesAFileThatOthersMayRead) {
  TestConsole world;
  EXPECT_THAT(ReadPin(world.console(), PinFile("1234\n", 0640), "PIN", "--x"),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::HasSubstr("chmod 600")));
}

TEST(PinEntryTest, AsksOnceForAPinThatIsAndTwiceForOneThatIsToBe) {
  TestConsole world;
  world.Type({"1234", "abcd", "abcd"});
  EXPECT_OK(ReadPin(world.console(), "", "User PIN", "--pin-file"));
  ASSERT_OK_AND_ASSIGN(
      const auto made,
      ReadNewPin(world.console(), "-", "New user PIN", "--pin-file"));
  EXPECT_EQ(made.DangerouslyExpose(), "abcd");
  EXPECT_THAT(world.questions(),
              testing::ElementsAre(
                  "User PIN: ", "New user PIN: ", "New user PIN again: "));
}

TEST(PinEntryTest, NamesTheOptionWhereNobodyCanBeAsked) {
  TestConsole world;
  const auto pin = ReadPin(world.console(), "-", "PIN", "--so-pin-file");
  EXPECT_THAT(pin, HasReason("PIN_NEEDED"));
  EXPECT_THAT(std::string(pin.status().message()),
              testing::HasSubstr("--so-pin-file"));
}

TEST(PinEntryTest, RefusesNewPinsThatDifferOrAreTooShort) {
  TestConsole world;
  world.Type({"abcd", "abce", "abc", ""});
  EXPECT_THAT(ReadNewPin(world.console(), "", "PIN", "--x"),
              HasReason("BAD_PIN"));
  EXPECT_THAT(ReadNewPin(world.console(), "", "PIN", "--x"),
              HasReason("BAD_PIN"));
  EXPECT_THAT(ReadPin(world.console(), "", "PIN", "--x"), HasReason("BAD_PIN"));
  EXPECT_THAT(ReadPin(world.console(), "", "PIN", "--x"),
              HasReason("INTERRUPTED"));
}

}  // namespace
}  // namespace countersign::hsm
