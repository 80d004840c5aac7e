#include "client/cli/render_principal.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

v1::Principal Job() {
  v1::Principal principal;
  principal.set_subject("token:repo:acme/app:ref:refs/tags/v1");
  principal.set_issuer("https://token.actions.githubusercontent.com");
  principal.set_credential(v1::Principal::BEARER_TOKEN);
  principal.add_groups("ci");
  auto& claims = *principal.mutable_claims();
  claims["sha"] = "1a2b";
  claims["ref"] = "refs/tags/v1";
  claims["repository"] = "acme/app";
  claims["runner_id"] = "7";
  claims["environment"] = "";
  return principal;
}

TEST(RenderPrincipal, HasALineForEachPiece) {
  v1::Principal principal = Job();
  principal.set_person("Ada");
  principal.set_certificate_subject("spiffe://example.org/runner");
  EXPECT_EQ(RenderPrincipal(principal),
            "token:repo:acme/app:ref:refs/tags/v1\n"
            "person: Ada\n"
            "groups: ci\n"
            "vouched for by https://token.actions.githubusercontent.com\n"
            "over a connection of spiffe://example.org/runner");
}

TEST(RenderPrincipalShort, NamesPersonAndTheTokensIssuer) {
  v1::Principal principal = Job();
  EXPECT_EQ(RenderPrincipalShort(principal),
            "token:repo:acme/app:ref:refs/tags/v1 (by "
            "https://token.actions.githubusercontent.com)");
  principal.set_person("Ada");
  EXPECT_EQ(RenderPrincipalShort(principal),
            "token:repo:acme/app:ref:refs/tags/v1 (person Ada; by "
            "https://token.actions.githubusercontent.com)");
  principal.set_credential(v1::Principal::CLIENT_CERTIFICATE);
  principal.clear_person();
  EXPECT_EQ(RenderPrincipalShort(principal),
            "token:repo:acme/app:ref:refs/tags/v1");
}

TEST(RenderClaims, HasPeoplesWordsFirstAndTheRestAsItIs) {
  EXPECT_EQ(RenderClaims(Job()),
            "issuer: https://token.actions.githubusercontent.com\n"
            "Repository: acme/app\n"
            "Ref: refs/tags/v1\n"
            "Commit: 1a2b\n"
            "Environment: (empty)\n"
            "runner_id = 7");
}

struct SystemCase {
  std::string name;
  std::map<std::string, std::string> claims;
  std::string want;  // behind the issuer
};

class SystemTest : public testing::TestWithParam<SystemCase> {};

TEST_P(SystemTest, IsReadInOneLanguage) {
  v1::Principal principal;
  principal.set_issuer("i");
  for (const auto& [claim, value] : GetParam().claims) {
    (*principal.mutable_claims())[claim] = value;
  }
  EXPECT_EQ(RenderClaims(principal), "issuer: i\n" + GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Systems, SystemTest,
    testing::Values(
        SystemCase{"GitLab",
                   {{"project_path", "g/p"},
                    {"user_login", "ada"},
                    {"ref_protected", "true"},
                    {"pipeline_source", "push"}},
                   "Repository: g/p\nRef is protected: true\nEvent: push\n"
                   "Actor: ada"},
        SystemCase{"Buildkite",
                   {{"organization_slug", "acme"},
                    {"pipeline_slug", "app"},
                    {"build_number", "5"},
                    {"build_commit", "1a"}},
                   "Organisation: acme\nPipeline: app\nCommit: 1a\nRun: 5"},
        SystemCase{"Kubernetes",
                   {{"/kubernetes.io/namespace", "build"},
                    {"/kubernetes.io/serviceaccount/name", "signer"}},
                   "Namespace: build\nService account: signer"}),
    [](const auto& info) { return info.param.name; });

TEST(RenderClaims, IsEmptyWhereNothingWasProved) {
  EXPECT_EQ(RenderClaims(v1::Principal()), "");
}

// A branch may be called anything.
TEST(RenderClaims, LetsNoValueWriteALine) {
  v1::Principal principal = Job();
  (*principal.mutable_claims())["ref"] = "x\nRepository: acme/other\x1b[2K";
  (*principal.mutable_claims())["a\nActor: root"] = "\xe2\x80\xae";
  principal.set_issuer("i\nRepository: z");
  principal.set_person("p\ngroups: all");
  for (const std::string& text :
       {RenderClaims(principal), RenderPrincipal(principal),
        RenderPrincipalShort(principal)}) {
    EXPECT_EQ(text.find("\nRepository: acme/other"), std::string::npos);
    EXPECT_EQ(text.find("\nRepository: z"), std::string::npos);
    EXPECT_EQ(text.find("\nActor"), std::string::npos);
    EXPECT_EQ(text.find("\ngroups: all"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  }
}

TEST(RenderClaimRule, IsASentence) {
  v1::ClaimRule rule;
  rule.set_claim("ref_type");
  rule.add_values("tag");
  EXPECT_EQ(RenderClaimRule(rule), "ref_type is \"tag\"");
  rule.add_values("br\nanch");
  rule.add_patterns("t/*");
  EXPECT_EQ(RenderClaimRule(rule),
            "ref_type is \"tag\" or \"br\\x0aanch\" or matches \"t/*\"");
  rule.clear_values();
  EXPECT_EQ(RenderClaimRule(rule), "ref_type matches \"t/*\"");
}

}  // namespace
}  // namespace countersign::client
