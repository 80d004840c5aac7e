#include "hsm/presence.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using base::IsOkAndHolds;
using testing::ElementsAre;
using testing::IsEmpty;

// Unlike those of other tests that run beside this one.
std::string Label() { return absl::StrCat("presence test ", getpid()); }

TEST(PresenceTest, IsSeenWhileItLives) {
  EXPECT_THAT(FindServers(Label(), "7"), IsOkAndHolds(IsEmpty()));
  {
    ASSERT_OK_AND_ASSIGN(const auto presence, Presence::Announce(Label(), "7"));
    EXPECT_THAT(FindServers(Label(), "7"), IsOkAndHolds(ElementsAre(getpid())));
  }
  EXPECT_THAT(FindServers(Label(), "7"), IsOkAndHolds(IsEmpty()));
}

TEST(PresenceTest, IsOfOneTokenOnly) {
  ASSERT_OK_AND_ASSIGN(const auto presence, Presence::Announce(Label(), "7"));
  EXPECT_THAT(FindServers(Label(), "8"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(FindServers(Label() + "7", ""), IsOkAndHolds(IsEmpty()));
}

TEST(PresenceTest, AnnouncesATokenTwiceAndNamesTheProcessOnce) {
  ASSERT_OK_AND_ASSIGN(auto first, Presence::Announce(Label(), "7"));
  ASSERT_OK_AND_ASSIGN(const auto second, Presence::Announce(Label(), "7"));
  EXPECT_THAT(FindServers(Label(), "7"), IsOkAndHolds(ElementsAre(getpid())));
  first.reset();
  EXPECT_THAT(FindServers(Label(), "7"), IsOkAndHolds(ElementsAre(getpid())));
}

TEST(PresenceTest, SaysWhereNoNameIsLeft) {
  std::vector<std::unique_ptr<Presence>> all;
  absl::Status status;
  while (status.ok() && all.size() < 100) {
    auto presence = Presence::Announce(Label(), "7");
    status = presence.status();
    if (presence.ok()) all.push_back(*std::move(presence));
  }
  EXPECT_THAT(status, base::HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(all.size(), 8u);
}

// The point of it: nothing is left behind by a process that was killed.
TEST(PresenceTest, EndsWithAProcessThatIsKilled) {
  const std::string label = Label();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto presence = Presence::Announce(label, "7");
    const char answer = presence.ok() ? 'y' : 'n';
    if (write(ready[1], &answer, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto seen = FindServers(label, "7");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(seen, IsOkAndHolds(testing::Contains(child)));
  EXPECT_THAT(FindServers(label, "7"),
              IsOkAndHolds(testing::Not(testing::Contains(child))));
  close(ready[0]);
  close(ready[1]);
}

TEST(PresenceTest, ReadsTheKernelsList) {
  const std::string digest =
      base::HexEncode(base::Sha256(absl::string_view("label\0"
                                                     "7",
                                                     7)))
          .substr(0, 32);
  const std::string line =
      "0000000000000000: 00000002 00000000 00000000 0001 "
      "01 31337 ";
  const std::string mine = absl::StrCat(line, "@countersign/token/", digest);
  const std::string text = absl::StrCat(
      "Num       RefCount Protocol Flags    Type St Inode Path\n",  //
      line, "/run/dbus/socket\n", mine, "/20\n", mine, "/3\n", mine, "/3.1\n",
      mine, "/nobody\n", mine, "/-4\n", mine, "/\n",
      // No abstract name: a file of that path.
      line, "countersign/token/", digest, "/5\n",
      "0000000000000000: 00000002 00000000 00000000 0001 01 31338\n");
  EXPECT_THAT(ParseServers(text, "label", "7"), ElementsAre(3, 20));
  EXPECT_THAT(ParseServers(text, "label", "8"), IsEmpty());
  EXPECT_THAT(ParseServers("", "label", "7"), IsEmpty());
}

}  // namespace
}  // namespace countersign::hsm
