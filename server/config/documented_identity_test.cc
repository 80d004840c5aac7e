// Every identity section that docs/identity.md shows loads as it stands there,
// but for the files that it names, which are not on this machine.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "auth/testing_issuer.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kDocument[] = "docs/identity.md";
constexpr char kRules[] = "  group_rules:\n";

// The yaml blocks of the document that begin with "identity:", without that
// line; others are pipelines.
std::vector<std::string> Sections(absl::string_view document) {
  std::vector<std::string> sections;
  std::string block;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(document, '\n')) {
    if (line == "```yaml") {
      inside = true;
      block.clear();
    } else if (inside && line == "```") {
      inside = false;
      absl::string_view text = block;
      if (absl::ConsumePrefix(&text, "identity:\n")) {
        sections.emplace_back(text);
      }
    } else if (inside) {
      absl::StrAppend(&block, line, "\n");
    }
  }
  return sections;
}

// With the files of the site, and rules last, so that the site's own follow.
std::string OnSite(absl::string_view section, bool spiffe) {
  std::string text;
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(section, "\n"), '\n')) {
    const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(line);
    const absl::string_view indent =
        line.substr(0, line.size() - stripped.size());
    if (absl::StartsWith(stripped, "jwks_file:")) {
      absl::StrAppend(&text, indent,
                      "jwks_file: ", spiffe ? "bundle.jwks" : "keys.jwks",
                      "\n");
    } else if (absl::StartsWith(stripped, "ca_file:")) {
      absl::StrAppend(&text, indent, "ca_file: ca.pem\n");
    } else {
      absl::StrAppend(&text, line, "\n");
    }
  }
  if (!absl::StrContains(text, kRules)) text += kRules;
  return text;
}

TEST(DocumentedIdentityTest, EachSectionLoads) {
  ASSERT_OK_AND_ASSIGN(const std::string document, base::ReadFile(kDocument));
  const std::vector<std::string> sections = Sections(document);
  std::set<std::string> profiles;
  const auth::TestingIssuer issuer("https://id.d.org");
  for (const std::string& section : sections) {
    SCOPED_TRACE(section);
    const TestingSite site;
    site.Write("keys.jwks", issuer.Jwks());
    site.Write("bundle.jwks",
               auth::JwksText({issuer.key().Jwk("a", "", "jwt-svid")}));
    site.Replace(kRules,
                 OnSite(section, absl::StrContains(section, "spiffe://")));
    const auto config = LoadConfig(site.config_path(), kNow);
    ASSERT_OK(config.status());
    for (const auth::TokenIssuer& issuer : config->access->token_issuers) {
      profiles.insert(issuer.profile);
    }
  }
  // One section for each kind of issuer that there is.
  EXPECT_THAT(profiles,
              testing::ElementsAre("buildkite", "entra", "forgejo",
                                   "github-actions", "gitlab", "google",
                                   "jenkins", "kubernetes", "oidc", "spiffe"));
}

}  // namespace
}  // namespace countersign::server
