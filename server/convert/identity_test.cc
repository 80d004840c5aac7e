#include "server/convert/identity.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "core/approval_rule.h"
#include "core/event.h"
#include "core/principal.h"
#include "core/sample_values.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(IdentityConvertTest, ShowsWhoHasACertificate) {
  const v1::Principal wire = ToWire(core::Person("ann", {"admins", "ci"}));
  EXPECT_EQ(wire.subject(), "spiffe://example.test/ann");
  EXPECT_EQ(wire.issuer(), "CN=Sample CA,O=Example");
  EXPECT_EQ(wire.credential(), v1::Principal::CLIENT_CERTIFICATE);
  EXPECT_EQ(wire.credential_fingerprint(), std::string(64, 'f'));
  EXPECT_THAT(wire.groups(), ElementsAre("admins", "ci"));
  EXPECT_EQ(wire.person(), "");
  EXPECT_THAT(wire.claims(), IsEmpty());
  EXPECT_EQ(wire.issuer_key(), "");
  EXPECT_EQ(wire.certificate_subject(), "");
}

TEST(IdentityConvertTest, ShowsWhatATokenProved) {
  core::Principal token = core::Person("job", {"ci"});
  token.credential = core::CredentialKind::kBearerToken;
  token.person = "ann";
  token.claims = {{"repository", "acme/app"}, {"ref", "refs/tags/v1"}};
  token.issuer_key = "thumbprint";
  token.certificate_subject = "subject:CN=Runner";
  const v1::Principal wire = ToWire(token);
  EXPECT_EQ(wire.credential(), v1::Principal::BEARER_TOKEN);
  EXPECT_EQ(wire.person(), "ann");
  EXPECT_THAT(wire.claims(),
              UnorderedElementsAre(Pair("repository", "acme/app"),
                                   Pair("ref", "refs/tags/v1")));
  EXPECT_EQ(wire.issuer_key(), "thumbprint");
  EXPECT_EQ(wire.certificate_subject(), "subject:CN=Runner");
}

TEST(IdentityConvertTest, TheServerItselfHasNoCredential) {
  EXPECT_EQ(ToWire(core::ServerPrincipal()).credential(),
            v1::Principal::CREDENTIAL_UNSPECIFIED);
}

TEST(IdentityConvertTest, ARuleComesBackAsItWent) {
  core::ApprovalRule rule = core::SampleRule();
  for (const std::vector<core::ClaimRule>& claims :
       {std::vector<core::ClaimRule>{},
        {{"ref_type", {"tag"}, {}},
         {"repository", {"acme/a", "acme/b"}, {"acme/*"}}}}) {
    rule.required_claims = claims;
    std::vector<base::FieldViolation> violations;
    EXPECT_EQ(FromWire(ToWire(rule), core::SamplePolicy(), "rule", &violations),
              rule);
    EXPECT_THAT(violations, IsEmpty());
  }
}

}  // namespace
}  // namespace countersign::server
