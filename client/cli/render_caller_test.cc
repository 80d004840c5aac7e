#include "client/cli/render_caller.h"

#include <string>

#include "client/cli/time_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

TEST(RenderCaller, ShowsATokensCaller) {
  v1::Caller caller;
  v1::Principal& principal = *caller.mutable_principal();
  principal.set_subject("token:ada");
  principal.set_person("Ada");
  principal.set_issuer("https://login.example.org");
  principal.set_credential(v1::Principal::BEARER_TOKEN);
  principal.set_credential_fingerprint("abcd");
  principal.add_groups("release");
  principal.add_groups("ci");
  (*principal.mutable_claims())["email"] = "ada@example.org";
  caller.add_roles("product approver");
  caller.set_token_issuer("login");
  *caller.mutable_credential_expire_time() = ToProto(kNow + absl::Minutes(4));
  EXPECT_EQ(RenderCaller(caller, "login at https://login.example.org", kNow),
            "Subject             token:ada\n"
            "Person              Ada\n"
            "Groups              release, ci\n"
            "Roles               product approver\n"
            "Credential          token of the issuer login\n"
            "Vouched for by      https://login.example.org\n"
            "Proved by token     issuer: https://login.example.org\n"
            "                    Account: ada@example.org\n"
            "Credential SHA-256  abcd\n"
            "Credential ends     2026-01-01 00:04:00Z (in 4m)\n"
            "Sent by us          login at https://login.example.org\n");
}

TEST(RenderCaller, ShowsACertificatesCaller) {
  v1::Caller caller;
  caller.mutable_principal()->set_subject("email:ci@example.org");
  caller.mutable_principal()->set_credential(v1::Principal::CLIENT_CERTIFICATE);
  const std::string text = RenderCaller(caller, "certificate CN=ci", kNow);
  EXPECT_THAT(text, HasSubstr("Credential          client certificate\n"));
  EXPECT_THAT(text, HasSubstr("Groups              none\n"));
  EXPECT_THAT(text, HasSubstr("Sent by us          certificate CN=ci\n"));
  EXPECT_THAT(text, Not(HasSubstr("Proved")));
}

}  // namespace
}  // namespace countersign::client
