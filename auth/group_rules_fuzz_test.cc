// Any JSON as a token's claims against rules of several issuers: a group comes
// from a rule or from grantable_groups and from nowhere else, a token of one
// issuer gets nothing of another's rules, claims that are not there give
// nothing, and the same claims always give the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "auth/claim_text.h"
#include "auth/group_rules.h"
#include "auth/issuer_profile.h"
#include "auth/verified_token.h"
#include "base/json.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::auth {
namespace {

TokenIssuer Issuer(const std::string& name) {
  const IssuerProfile& profile = *FindIssuerProfile(name);
  TokenIssuer issuer;
  issuer.name = name;
  issuer.profile = name;
  issuer.issuer = "https://acme.org/" + name;
  issuer.subject_claims = profile.subject_claims;
  issuer.tenant_claims = profile.TenantClaimNames();
  return issuer;
}

struct Site {
  TokenIssuer github = Issuer("github-actions");
  TokenIssuer entra = Issuer("entra");
  GroupRules rules;

  Site() {
    entra.group_claims = {"groups", "/nested/groups"};
    entra.grantable_groups = {"staff", "guests"};
    absl::StatusOr<GroupRules> compiled = GroupRules::Compile(
        {{"owner", {}, {}, "", github.name, {{"repository", {}, {"acme/*"}}}},
         {"tags",
          {},
          {"token:repo:acme/*:ref:*/*/*"},
          "",
          github.name,
          {{"ref_protected", {"true"}, {}}}},
         {"role", {}, {}, "", entra.name, {{"roles", {"R"}, {}}}},
         {"deep",
          {},
          {},
          "",
          entra.name,
          {{"oid", {"o"}, {}}, {"/a/b~1c/0", {"x", "1"}, {}}}}},
        {github, entra});
    if (!compiled.ok()) std::abort();
    rules = *std::move(compiled);
  }
};

void MustHold(bool holds) {
  if (!holds) std::abort();
}

void Try(absl::string_view text) {
  static const auto* const site = new Site;
  absl::StatusOr<base::Json> claims = base::ParseJson(text);
  if (!claims.ok()) return;
  for (const TokenIssuer* issuer : {&site->github, &site->entra}) {
    VerifiedToken token;
    token.issuer_name = issuer->name;
    token.claims = *claims;
    token.subject = "token:" + ClaimText(*claims, "sub").value_or("");
    const auto groups = site->rules.Evaluate(token, *issuer);
    const auto again = site->rules.Evaluate(token, *issuer);
    MustHold(groups.ok() == again.ok());
    if (!groups.ok()) {
      // Only for lists that were left out.
      MustHold(claims->Find("_claim_names") != nullptr ||
               claims->Find("hasgroups") != nullptr);
      continue;
    }
    MustHold(*groups == *again);
    for (const std::string& group : *groups) {
      MustHold(site->rules.groups().count(group) > 0);
      const bool github = group == "owner" || group == "tags";
      MustHold(github == (issuer == &site->github));
      if (group == "owner") {
        MustHold(claims->Find("repository") != nullptr);
        MustHold(absl::string_view(text).find("acme") !=
                     absl::string_view::npos ||
                 text.find('\\') != absl::string_view::npos);
      }
      if (group == "role") MustHold(claims->Find("roles") != nullptr);
    }
  }
}

}  // namespace
}  // namespace countersign::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  countersign::auth::Try(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  return {
      R"({"sub":"repo:acme/app:ref:refs/tags/v1","repository":"acme/app",)"
      R"("ref_protected":"true"})",
      R"({"repository":"acme-evil/app","sub":"repo:acme-evil/app:ref:a/b/c"})",
      R"({"repository":["acme/a",1,null],"ref_protected":true})",
      R"({"tid":"t","oid":"o","roles":["A","R"],"groups":["staff","x"]})",
      R"({"roles":"R","nested":{"groups":["guests"]},"hasgroups":false})",
      R"({"_claim_names":{"groups":"src1"},"oid":"o","a":{"b/c":["x",2]}})",
      R"({"hasgroups":true})",
      R"({"roles":{"R":1},"groups":{"staff":true}})",
      "[]",
      "null",
  };
}
