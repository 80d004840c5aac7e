#include "tests/interop/random_descriptor.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "base/error.h"
#include "base/status_matchers.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/normalisation.h"
#include "gtest/gtest.h"

namespace countersign::interop {
namespace {

constexpr int kCount = 400;

TEST(RandomDescriptor, IsTheSameForTheSameSeed) {
  EXPECT_EQ(MakeRandomDescriptor(7, 3).text, MakeRandomDescriptor(7, 3).text);
  EXPECT_NE(MakeRandomDescriptor(7, 3).text, MakeRandomDescriptor(8, 3).text);
  EXPECT_NE(MakeRandomDescriptor(7, 3).text, MakeRandomDescriptor(7, 4).text);
}

TEST(RandomDescriptor, ComesInAllForms) {
  std::map<std::string, int> forms;
  for (int number = 0; number < kCount; ++number) {
    const RandomDescriptor made = MakeRandomDescriptor(1, number);
    ++forms[made.json ? "json" : "yaml"];
    for (const char* mark : {"v3alpha1", "extraIdentity", "creationTime", "<<:",
                             "signing: true", ": |", ": >", " &a0", "{"}) {
      if (absl::StrContains(made.text, mark)) ++forms[mark];
    }
  }
  for (const auto& [form, times] : forms) EXPECT_GT(times, 3) << form;
  EXPECT_EQ(forms.size(), 11u);
}

// A generator whose texts nobody reads would find nothing.
TEST(RandomDescriptor, IsMostlyAccepted) {
  int accepted = 0;
  std::map<std::string, int> refused;
  for (int number = 0; number < kCount; ++number) {
    const auto parsed = client::ComponentDescriptor::Parse(
        MakeRandomDescriptor(1, number).text);
    if (!parsed.ok()) {
      ++refused[base::GetReason(parsed.status())];
    } else if (client::Normalise(*parsed, "v3").ok()) {
      ++accepted;
    }
  }
  EXPECT_GT(accepted, kCount * 6 / 10);
  // Each refusal has a reason.
  EXPECT_EQ(refused.count(""), 0u);
  for (const auto& [reason, times] : refused) {
    std::printf("%s %d\n", reason.c_str(), times);
  }
}

}  // namespace
}  // namespace countersign::interop
