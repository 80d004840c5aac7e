#include "server/caller_credentials.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "auth/testing_ca.h"
#include "auth/testing_issuer.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;

CallerCredentials Take(const std::vector<absl::string_view>& fields) {
  CallerCredentials credentials;
  TakeAuthorization(fields, credentials);
  return credentials;
}

CallerCredentials WithToken(const std::string& token) {
  return Take({"Bearer " + token});
}

base::Json Describe(const CallerCredentials& credentials) {
  return base::Json(DescribeRefused(credentials, base::FakeClock().Now()));
}

std::string Text(const base::Json& details, const char* member) {
  const base::Json* value = details.Find(member);
  return value == nullptr ? "" : value->string();
}

TEST(TakeAuthorization, TakesOneFieldOfTheSchemeInAnyCase) {
  for (const char* field : {"Bearer abc.d-_~+/=", "bearer abc.d-_~+/=",
                            "BEARER   abc.d-_~+/=", " Bearer abc.d-_~+/= "}) {
    const CallerCredentials taken = Take({field});
    EXPECT_OK(taken.malformed) << field;
    EXPECT_EQ(taken.token.DangerouslyExpose(), "abc.d-_~+/=") << field;
  }
}

TEST(TakeAuthorization, NoFieldIsNoToken) {
  const CallerCredentials none = Take({});
  EXPECT_OK(none.malformed);
  EXPECT_TRUE(none.token.empty());
}

TEST(TakeAuthorization, RefusesWhatTwoReadersCouldReadInTwoWays) {
  const struct {
    std::vector<absl::string_view> fields;
    const char* says;
  } kRows[] = {
      {{"Bearer good", "Bearer good"}, "more than one"},
      {{"Bearer good", "Basic secret"}, "more than one"},
      {{"Basic secret"}, "send Bearer TOKEN"},
      {{"secret"}, "send Bearer TOKEN"},
      {{""}, "send Bearer TOKEN"},
      {{"Bearer"}, "no token"},
      {{"Bearer "}, "no token"},
      {{"Bearer secret,Bearer secret"}, "no token"},
      {{"Bearer secret other"}, "no token"},
      {{"Bearer sec\x01ret"}, "no token"},
      {{"Bearer s\xc3\xa4"}, "no token"},
      {{"Bearer =="}, "no token"},
      {{"Bearer a=b"}, "no token"},
      {{"Bearersecret"}, "send Bearer TOKEN"},
  };
  for (const auto& row : kRows) {
    const CallerCredentials taken = Take(row.fields);
    EXPECT_TRUE(absl::IsUnauthenticated(taken.malformed)) << row.fields[0];
    EXPECT_THAT(taken.malformed, HasReason("TOKEN_MALFORMED"));
    EXPECT_THAT(std::string(taken.malformed.message()), HasSubstr(row.says));
    // It may be somebody's password.
    EXPECT_THAT(taken.malformed.ToString(), Not(HasSubstr("secret")));
    EXPECT_TRUE(taken.token.empty());
  }
}

TEST(KindOf, TellsWhatCame) {
  CallerCredentials credentials;
  EXPECT_EQ(KindOf(credentials), "none");
  credentials.leaf_pem = "leaf";
  EXPECT_EQ(KindOf(credentials), "certificate");
  credentials.token = base::SecretBytes("token");
  EXPECT_EQ(KindOf(credentials), "both");
  credentials.leaf_pem = "";
  EXPECT_EQ(KindOf(credentials), "token");
  EXPECT_EQ(KindOf(Take({"Basic x"})), "token");
}

TEST(DescribeRefused, TellsWhatATokenClaimsAndNothingThatIsSecret) {
  const auth::TestingIssuer issuer("https://issuer.example");
  const std::string token = issuer.Token(base::FakeClock().Now());
  CallerCredentials credentials = WithToken(token);
  credentials.peer = "192.0.2.7:40312";
  const base::Json details = Describe(credentials);
  EXPECT_EQ(Text(details, "peer"), "192.0.2.7:40312");
  EXPECT_EQ(Text(details, "tokenSha256"), base::Sha256Hex(token));
  EXPECT_EQ(Text(details, "claimedIssuer"), "https://issuer.example");
  EXPECT_EQ(Text(details, "claimedSubject"), "ann");
  const std::string text = base::CompactJson(details);
  EXPECT_THAT(text, Not(HasSubstr(token.substr(token.rfind('.') + 1))));
  EXPECT_THAT(text, Not(HasSubstr(token.substr(0, token.find('.')))));
}

TEST(DescribeRefused, CutsWhatSomebodyMadeUp) {
  const auth::TestingIssuer issuer("https://issuer.example");
  const std::string token = issuer.Token(
      base::FakeClock().Now(), {{"sub", std::string(1000, 's')}, {"iss", 7}});
  const base::Json details = Describe(WithToken(token));
  EXPECT_EQ(Text(details, "claimedSubject"), std::string(256, 's'));
  EXPECT_EQ(details.Find("claimedIssuer"), nullptr);
}

TEST(DescribeRefused, TellsNoClaimsOfWhatIsNoToken) {
  const base::Json details = Describe(WithToken("abc"));
  EXPECT_EQ(Text(details, "tokenSha256"), base::Sha256Hex("abc"));
  EXPECT_EQ(details.object().size(), 2u);
  const base::Json none = Describe(CallerCredentials());
  EXPECT_EQ(Text(none, "credentials"), "none");
  EXPECT_EQ(none.object().size(), 1u);
}

TEST(DescribeRefused, NamesTheCertificateThatCameBesideABadToken) {
  const auto ca = auth::TestingCertificate::SelfSigned(auth::CaSpec("CA"));
  auth::CertificateSpec spec;
  spec.emails = {"ann@example.org"};
  CallerCredentials credentials = WithToken("abc");
  credentials.leaf_pem = ca.Issue(spec).pem();
  EXPECT_EQ(Text(Describe(credentials), "certificateSubject"),
            "email:ann@example.org");
  credentials.leaf_pem = "no certificate";
  EXPECT_EQ(Describe(credentials).Find("certificateSubject"), nullptr);
}

}  // namespace
}  // namespace countersign::server
