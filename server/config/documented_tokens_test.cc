// Every configuration of a token that docs/hsm.md shows loads as it stands
// there, but for the module and the PIN file, which are not on this machine.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kDocument[] = "docs/hsm.md";
constexpr char kSiteTokens[] = R"(hsm:
  tokens:
    - name: main
      module: module.so
      token_label: token
      pin_file: pin
)";

// The yaml blocks of the document, in its order.
std::vector<std::string> Blocks(absl::string_view document) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(document, '\n')) {
    if (line == "```yaml") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      absl::StrAppend(&blocks.back(), line, "\n");
    }
  }
  return blocks;
}

// With a module and a PIN file of the site.
std::string OnSite(absl::string_view block) {
  std::string text = absl::StartsWith(block, "hsm:") ? "" : "hsm:\n  tokens:\n";
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(block, "\n"), '\n')) {
    const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(line);
    if (absl::StartsWith(stripped, "module:")) {
      absl::StrAppend(&text, "      module: module.so\n");
    } else if (absl::StartsWith(stripped, "pin_file:")) {
      absl::StrAppend(&text, "      pin_file: pin\n");
    } else {
      absl::StrAppend(&text, line, "\n");
    }
  }
  return text;
}

TEST(DocumentedTokensTest, EachConfigurationOfATokenLoads) {
  ASSERT_OK_AND_ASSIGN(const std::string document, base::ReadFile(kDocument));
  const std::vector<std::string> blocks = Blocks(document);
  // Fewer would mean that this test no longer sees them.
  EXPECT_GE(blocks.size(), 8u);
  for (const std::string& block : blocks) {
    SCOPED_TRACE(block);
    const TestingSite site;
    site.Replace(kSiteTokens, OnSite(block));
    const auto config = LoadConfig(site.config_path(), kNow);
    ASSERT_OK(config.status());
    EXPECT_EQ(config->hsm.tokens.size(), 1u);
  }
}

}  // namespace
}  // namespace countersign::server
