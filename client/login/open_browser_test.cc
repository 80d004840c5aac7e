#include "client/login/open_browser.h"

#include <sys/stat.h>

#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(OpenBrowserTest, IsThereWithADisplay) {
  const auto with = [](const std::string& variable, const std::string& value) {
    return HasDisplay([=](const std::string& name) {
      return name == variable ? std::optional(value) : std::nullopt;
    });
  };
  EXPECT_TRUE(with("DISPLAY", ":0"));
  EXPECT_TRUE(with("WAYLAND_DISPLAY", "wayland-0"));
  EXPECT_FALSE(with("DISPLAY", ""));
  EXPECT_FALSE(with("HOME", "/root"));
}

TEST(OpenBrowserTest, GetsTheAddressAsOneArgument) {
  const std::string program = testing::TempDir() + "browser";
  const std::string output = testing::TempDir() + "address";
  ASSERT_OK(base::WriteFileAtomically(
      program, "#!/bin/sh\nprintf %s \"$*\" >" + output + ".part\nmv " +
                   output + ".part " + output + "\n"));
  ASSERT_EQ(chmod(program.c_str(), 0700), 0);
  const std::string url = "https://a.example/?b=c&d=$(e) f;'g";
  ASSERT_TRUE(StartBrowser(url, program));
  absl::StatusOr<std::string> got = base::ReadFile(output);
  for (int i = 0; i < 3000 && !got.ok(); ++i) {
    base::SleepFor(absl::Milliseconds(10));
    got = base::ReadFile(output);
  }
  EXPECT_EQ(got.value_or("nothing"), url);
}

TEST(OpenBrowserTest, SaysWhereThereIsNone) {
  EXPECT_FALSE(StartBrowser("https://a.example", "no-such-program-here"));
}

}  // namespace
}  // namespace countersign::client
