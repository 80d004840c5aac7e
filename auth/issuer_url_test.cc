#include "auth/issuer_url.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using testing::HasSubstr;

constexpr char kTenant[] = "72f988bf-86f1-41af-91ab-2d7cd011db47";

std::string Entra(const std::string& tenant) {
  return "https://login.microsoftonline.com/" + tenant + "/v2.0";
}

TEST(ProfileOfIssuer, KnowsPublicServicesAndTellingPaths) {
  const struct {
    std::string issuer;
    const char* profile;
  } kCases[] = {
      {"https://token.actions.githubusercontent.com", "github-actions"},
      {"https://token.actions.githubusercontent.com/acme", "github-actions"},
      {"https://token.actions.acme.ghe.com", "github-actions"},
      {"https://github.acme.org/_services/token", "github-actions"},
      {"https://gitlab.com", "gitlab"},
      {"https://accounts.google.com", "google"},
      {"https://agent.buildkite.com", "buildkite"},
      {Entra(kTenant), "entra"},
      {"https://sts.windows.net/" + std::string(kTenant) + "/", "entra"},
      {"https://codeberg.org/api/actions", "forgejo"},
      {"spiffe://acme.org", "spiffe"},
      // Names that only look alike, and a site's own.
      {"https://token.actions.githubusercontent.com.evil.org", ""},
      {"https://evil.org/token.actions.githubusercontent.com", ""},
      {"http://gitlab.com", ""},
      {"https://gitlab.com.evil.org", ""},
      {"https://gitlab.acme.org", ""},
      {"https://kubernetes.default.svc.cluster.local", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ProfileOfIssuer(c.issuer), c.profile) << c.issuer;
  }
}

TEST(DiscoveryUrlOf, IsBesideTheIssuerButForEntraVersion1) {
  EXPECT_EQ(DiscoveryUrlOf("https://gitlab.acme.org"),
            "https://gitlab.acme.org/.well-known/openid-configuration");
  EXPECT_EQ(DiscoveryUrlOf("https://git.acme.org/api/actions"),
            "https://git.acme.org/api/actions/.well-known/"
            "openid-configuration");
  // OpenID Connect Discovery 1.0 4: a slash at the end is left out.
  EXPECT_EQ(DiscoveryUrlOf("https://oidc.acme.org/7/"),
            "https://oidc.acme.org/7/.well-known/openid-configuration");
  EXPECT_EQ(
      DiscoveryUrlOf("https://sts.windows.net/" + std::string(kTenant) + "/"),
      "https://login.microsoftonline.com/" + std::string(kTenant) +
          "/.well-known/openid-configuration");
  EXPECT_EQ(DiscoveryUrlOf("spiffe://acme.org"), "");
}

TEST(WrongIssuerOf, SaysWhatWouldBeRight) {
  const struct {
    const char* profile;
    std::string issuer;
    const char* wrong;  // empty: nothing
  } kCases[] = {
      {"gitlab", "https://gitlab.com", ""},
      {"gitlab", "https://gitlab.acme.org", ""},
      {"gitlab", "https://gitlab.com/", "must not end in \"/\""},
      {"github-actions", "https://token.actions.githubusercontent.com/",
       "must not end in"},
      {"oidc", "https://gitlab.com", "is an issuer of profile \"gitlab\""},
      {"kubernetes", "https://oidc.acme.org/7/", ""},
      {"google", "https://accounts.google.com", ""},
      {"google", "https://google.com", "must be \"https://accounts"},
      {"buildkite", "https://buildkite.com", "must be \"https://agent."},
      {"forgejo", "https://git.acme.org", "\"/api/actions\" at its end"},
      {"spiffe", "spiffe://acme.org", ""},
      {"spiffe", "https://acme.org", "must be the trust domain"},
      {"oidc", "spiffe://acme.org", "is an issuer of profile \"spiffe\""},
      {"entra", Entra(kTenant), ""},
      {"entra", "https://sts.windows.net/" + std::string(kTenant) + "/", ""},
      {"entra", "https://sts.windows.net/" + std::string(kTenant),
       "https://sts.windows.net/TENANT/ (version 1)"},
      {"entra", Entra("common"), "\"common\" and \"organizations\" issue no"},
      {"entra", Entra("organizations"), "is no issuer of Entra ID"},
      {"entra", Entra("acme.onmicrosoft.com"), "GUID in lower case"},
      {"entra", Entra("72F988BF-86F1-41AF-91AB-2D7CD011DB47"),
       "GUID in lower case"},
      {"entra", Entra(kTenant) + "/", "is no issuer of Entra ID"},
      {"entra",
       "https://login.microsoftonline.com/" + std::string(kTenant) + "/",
       "is no issuer of Entra ID"},
  };
  for (const auto& c : kCases) {
    const std::string wrong = WrongIssuerOf(c.profile, c.issuer);
    EXPECT_EQ(wrong.empty(), *c.wrong == '\0') << c.issuer << ": " << wrong;
    EXPECT_THAT(wrong, HasSubstr(c.wrong)) << c.profile << " " << c.issuer;
  }
}

TEST(IsGuid, TakesLowerCaseOnly) {
  EXPECT_TRUE(IsGuid(kTenant));
  EXPECT_FALSE(IsGuid("72F988BF-86F1-41AF-91AB-2D7CD011DB47"));
  EXPECT_FALSE(IsGuid("72f988bf-86f1-41af-91ab-2d7cd011db4"));
  EXPECT_FALSE(IsGuid("72f988bf086f1-41af-91ab-2d7cd011db47"));
  EXPECT_FALSE(IsGuid("72g988bf-86f1-41af-91ab-2d7cd011db47"));
}

}  // namespace
}  // namespace countersign::auth
