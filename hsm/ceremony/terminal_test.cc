#include "hsm/ceremony/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

// A terminal of our own: what a person types goes into `person`.
class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    person_ = posix_openpt(O_RDWR | O_NOCTTY);
    ASSERT_GE(person_, 0);
    ASSERT_EQ(grantpt(person_), 0);
    ASSERT_EQ(unlockpt(person_), 0);
    terminal_ = open(ptsname(person_), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal_, 0);
  }
  ~TerminalTest() override {
    close(terminal_);
    close(person_);
  }

  bool Echoes() const {
    termios now = {};
    tcgetattr(terminal_, &now);
    return (now.c_lflag & ECHO) != 0;
  }

  // Reads the question, so that nothing is typed before the echo is off, then
  // types, then reads on to the newline that ends the answer.
  absl::StatusOr<base::SecretBytes> AskAndType(const std::string& typed) {
    std::thread person([&] {
      ReadUntil('?');
      EXPECT_FALSE(Echoes());
      EXPECT_EQ(write(person_, typed.data(), typed.size()),
                static_cast<ssize_t>(typed.size()));
      ReadUntil('\n');
    });
    auto answer = AskSecret(terminal_, terminal_, "PIN?");
    person.join();
    return answer;
  }

  void ReadUntil(char last) {
    char octet = 0;
    while (octet != last && read(person_, &octet, 1) == 1) seen_ += octet;
  }

  int person_ = -1;
  int terminal_ = -1;
  std::string seen_;
};

TEST_F(TerminalTest, ReadsALineThatIsNotShown) {
  ASSERT_OK_AND_ASSIGN(const base::SecretBytes pin, AskAndType("secret\n"));
  EXPECT_EQ(pin.DangerouslyExpose(), "secret");
  EXPECT_EQ(seen_.find("secret"), std::string::npos) << seen_;
  EXPECT_TRUE(Echoes());
}

TEST_F(TerminalTest, TakesTheEndOfInputForAnInterruption) {
  EXPECT_THAT(AskAndType("\x04"), base::HasReason("INTERRUPTED"));
  EXPECT_TRUE(Echoes());
}

TEST_F(TerminalTest, GivesAnEmptyLineAsItIs) {
  ASSERT_OK_AND_ASSIGN(const base::SecretBytes pin, AskAndType("\n"));
  EXPECT_TRUE(pin.empty());
}

TEST_F(TerminalTest, RefusesALineThatWasNotEnded) {
  EXPECT_THAT(AskAndType("half\x04"), base::HasReason("BAD_PIN"));
}

TEST(NoTerminalTest, IsSaid) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_THAT(AskSecret(ends[0], ends[1], "PIN?"),
              base::HasCode(absl::StatusCode::kUnavailable));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace countersign::hsm
