#include "client/login/issuer_endpoints.h"

#include <string>

#include "base/json.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::AllOf;
using testing::HasSubstr;

absl::StatusOr<IssuerEndpoints> Parse(const base::Json& document) {
  return ParseIssuerEndpoints(base::CompactJson(document), FakeIssuer::kUrl);
}

TEST(IssuerEndpointsTest, AreReadFromTheDocument) {
  const FakeIssuer issuer;
  ASSERT_OK_AND_ASSIGN(const IssuerEndpoints found, Parse(issuer.document));
  EXPECT_EQ(found.token, "https://login.example.org/token");
  EXPECT_EQ(found.authorization, "https://login.example.org/auth");
  EXPECT_EQ(found.device_authorization, "https://login.example.org/device");
  EXPECT_EQ(found.revocation, "https://login.example.org/revoke");
  EXPECT_TRUE(found.redirect_has_issuer);
  EXPECT_TRUE(found.has_offline_access);
  EXPECT_TRUE(found.has_s256);
  EXPECT_FALSE(found.secret_in_form);
}

TEST(IssuerEndpointsTest, NeedNoMoreThanATokenEndpoint) {
  const base::Json document(
      base::Json::Object{{"issuer", FakeIssuer::kUrl},
                         {"token_endpoint", "https://other.example/t"}});
  ASSERT_OK_AND_ASSIGN(const IssuerEndpoints found, Parse(document));
  EXPECT_EQ(found.authorization, "");
  EXPECT_FALSE(found.has_offline_access);
  EXPECT_TRUE(found.has_s256);  // it does not say
}

TEST(IssuerEndpointsTest, ChooseTheFormForSecretsOnlyWithoutBasic) {
  FakeIssuer issuer;
  const char kMethods[] = "token_endpoint_auth_methods_supported";
  issuer.document.Set(kMethods, base::Json::Array{"client_secret_post"});
  EXPECT_TRUE(Parse(issuer.document)->secret_in_form);
  issuer.document.Set(
      kMethods, base::Json::Array{"client_secret_post", "client_secret_basic"});
  EXPECT_FALSE(Parse(issuer.document)->secret_in_form);
}

struct WrongRow {
  const char* key;
  base::Json value;
  const char* why;
};

TEST(IssuerEndpointsTest, RefuseWhatIsWrong) {
  const WrongRow rows[] = {
      {"issuer", "https://login.example.org/", "to the letter"},
      {"issuer", "https://evil.example", "to the letter"},
      {"issuer", 5, "text is expected"},
      {"token_endpoint", "http://login.example.org/token", "https URL"},
      {"token_endpoint", "https://u:p@login.example.org/t", "https URL"},
      {"token_endpoint", "", "missing"},
      {"revocation_endpoint", "file:///etc/passwd", "https URL"},
      {"authorization_endpoint", "javascript:alert(1)", "https URL"},
      {"device_authorization_endpoint", base::Json::Array{}, "text"},
      {"scopes_supported", "openid", "list"},
      {"authorization_response_iss_parameter_supported", "yes", "true or"},
  };
  for (const WrongRow& row : rows) {
    SCOPED_TRACE(row.key);
    FakeIssuer issuer;
    issuer.document.Set(row.key, row.value);
    EXPECT_THAT(
        Parse(issuer.document).status(),
        AllOf(HasReason("ISSUER_ANSWER_WRONG"),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr(row.key), HasSubstr(row.why)))));
  }
  for (const char* text : {"", "[]", "{", "<html>"}) {
    EXPECT_THAT(ParseIssuerEndpoints(text, FakeIssuer::kUrl).status(),
                HasReason("ISSUER_ANSWER_WRONG"));
  }
}

TEST(IssuerEndpointsTest, AreFetchedWithoutADoubledSlash) {
  FakeIssuer issuer;
  issuer.document.Set("issuer", "https://login.example.org/");
  EXPECT_OK(
      FetchIssuerEndpoints(issuer.World(), "https://login.example.org/", "")
          .status());
  EXPECT_EQ(issuer.CallsTo("/.well-known/openid-configuration").size(), 1u);
}

TEST(IssuerEndpointsTest, TellALaterFromANo) {
  FakeIssuer issuer;
  issuer.Answer("", 503, "");
  issuer.Answer("", 404, "");
  const LoginWorld world = issuer.World();
  EXPECT_THAT(FetchIssuerEndpoints(world, FakeIssuer::kUrl, "").status(),
              HasReason("ISSUER_UNAVAILABLE"));
  EXPECT_THAT(FetchIssuerEndpoints(world, FakeIssuer::kUrl, "").status(),
              HasReason("ISSUER_ANSWER_WRONG"));
}

}  // namespace
}  // namespace countersign::client
