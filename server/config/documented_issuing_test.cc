// The issuing_cas section that docs/issuing.md shows loads as it stands there,
// with a certificate of the kind that it asks for.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/testing_ca.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "core/issuing_ca.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

// The yaml block that begins with `first`; "" where there is none.
std::string Section(absl::string_view document, absl::string_view first) {
  const std::string open = absl::StrCat("```yaml\n", first);
  const size_t begin = document.find(open);
  if (begin == absl::string_view::npos) return "";
  document.remove_prefix(begin + open.size() - first.size());
  return std::string(document.substr(0, document.find("```")));
}

TEST(DocumentedIssuingTest, SectionLoads) {
  ASSERT_OK_AND_ASSIGN(const std::string document,
                       base::ReadFile("docs/issuing.md"));
  const std::string section = Section(document, "issuing_cas:\n");
  const TestingSite site;
  site.Replace("hsm:\n", absl::StrCat(section, "hsm:\n"));
  site.Write("issuing.pem",
             auth::TestingCertificate::SelfSigned(auth::CaSpec("Code")).pem(),
             0644);
  ASSERT_OK_AND_ASSIGN(const ServerConfig config,
                       LoadConfig(site.config_path(), kNow));
  ASSERT_EQ(config.access->policy.issuing_cas.size(), 1u);
  const core::IssuingCa& ca = config.access->policy.issuing_cas[0];
  EXPECT_EQ(ca.name, "issuing");
  ASSERT_EQ(ca.profiles.size(), 1u);
  // What the product file of the page asks for.
  EXPECT_TRUE(absl::StrContains(
      document, absl::StrCat("\"profileID\": \"", ca.profiles[0].id, "\"")));
}

}  // namespace
}  // namespace countersign::server
