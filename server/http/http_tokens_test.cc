// Callers of the HTTPS door who have a token, or nothing: what is signed, what
// is answered, what is recorded.
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "auth/testing_issuer.h"
#include "base/openssl.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/testing_http_client.h"
#include "server/http/testing_shop.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string& Digest() {
  static const auto& kDigest = *new std::string(base::Sha256("file"));
  return kDigest;
}

std::string Post(absl::string_view target, absl::string_view field) {
  return OcmPost(target, Digest(), target == kFastPath ? kHexType : "*/*",
                 field.empty() ? "" : absl::StrCat(field, "\r\n"));
}

class HttpTokensTest : public testing::Test {
 protected:
  HttpTokensTest()
      : issuer_("https://issuer.example"),
        shop_("", [this](const TestingSite& site) {
          site.Write("jwks.json", issuer_.Jwks(), 0644);
          site.Replace("  group_rules:\n",
                       "  token_issuers:\n"
                       "    - name: builds\n"
                       "      issuer: https://issuer.example\n"
                       "      audiences: [countersign]\n"
                       "      jwks_file: jwks.json\n"
                       "      revoked_ids: [never]\n"
                       "  group_rules:\n"
                       "    - group: ci\n"
                       "      token_issuer: builds\n"
                       "      claims: [{claim: sub, values: [ann]}]\n");
        }) {}

  std::string Bearer(const base::Json::Object& more = {}) {
    return absl::StrCat("Authorization: Bearer ",
                        issuer_.Token(shop_.server().clock().Now(), more));
  }
  TestingHttpAnswer Ask(const std::string& octets) {
    return shop_.WithoutCertificate().Ask(octets);
  }
  int Denials() {
    return shop_.server().CountEvents(core::EventType::kCallDenied);
  }
  core::Event LastDenial() {
    core::Event last;
    for (const core::Event& event : shop_.server().store().events()) {
      if (event.type == core::EventType::kCallDenied) last = event;
    }
    return last;
  }

  auth::TestingIssuer issuer_;
  TestingShop shop_;
};

TEST_F(HttpTokensTest, SignsForAGoodToken) {
  const auto answer = Ask(Post(kFastPath, Bearer()));
  ASSERT_EQ(answer.code, 200) << answer.body;
  const auto done = shop_.List(v1::SigningRequest::SIGNED);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].requester().subject(), "token:ann");
  EXPECT_EQ(done[0].requester().issuer(), "https://issuer.example");
}

TEST_F(HttpTokensTest, SaysWhatIsMissing) {
  const auto answer = Ask(Post(kFastPath, ""));
  EXPECT_EQ(answer.code, 401);
  EXPECT_EQ(answer.Field("WWW-Authenticate"), "Bearer");
  EXPECT_THAT(answer.body, HasSubstr("authorization: Bearer TOKEN"));
  EXPECT_EQ(Denials(), 1);
  EXPECT_EQ(LastDenial().actor.subject, "anonymous");
  // Not even which paths there are.
  EXPECT_EQ(Ask(Get("/anything")).code, 401);
}

TEST_F(HttpTokensTest, RefusesABadTokenAndRecordsIt) {
  const std::string field = Bearer({{"aud", "another"}});
  const auto answer = Ask(Post(kFastPath, field));
  EXPECT_EQ(answer.code, 401);
  EXPECT_EQ(answer.Field("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  const core::Event denial = LastDenial();
  EXPECT_EQ(denial.details.Find("reason")->string(), "TOKEN_AUDIENCE");
  EXPECT_EQ(denial.details.Find("claimedSubject")->string(), "ann");
  EXPECT_THAT(denial.details.Find("peer")->string(), HasSubstr("127.0.0.1:"));
  EXPECT_THAT(base::CompactJson(denial.details),
              Not(HasSubstr(field.substr(field.rfind('.') + 1))));
}

TEST_F(HttpTokensTest, RefusesTwoFieldsAndOtherSchemes) {
  EXPECT_EQ(Ask(Post(kFastPath, absl::StrCat(Bearer(), "\r\n", Bearer()))).code,
            401);
  const auto basic =
      Ask(Post(kFastPath, "Authorization: Basic c2VjcmV0OnNlY3JldA=="));
  EXPECT_EQ(basic.code, 401);
  EXPECT_THAT(basic.body, Not(HasSubstr("c2VjcmV0")));
  // A good certificate does not make up for it.
  EXPECT_EQ(
      shop_.As("ci").Ask(Post(kFastPath, "Authorization: Basic c2VjcmV0")).code,
      401);
}

TEST_F(HttpTokensTest, GivesWhatBothCredentialsGive) {
  EXPECT_EQ(shop_.As("ci").Ask(Post(kFastPath, Bearer())).code, 200);
  const auto answer = shop_.As("admin").Ask(Post(kFastPath, Bearer()));
  EXPECT_EQ(answer.code, 403) << answer.body;
}

TEST_F(HttpTokensTest, AnswersACallWhoseTokenRanOutWhileItWaited) {
  TestingHttpClient job = shop_.WithoutCertificate();
  const std::string field = Bearer();
  job.Send(Post(kReleasePath, field));
  const auto pending = shop_.AwaitPending(1);
  shop_.AwaitWaiting(1);
  shop_.server().clock().Advance(absl::Hours(1));
  shop_.Approve(pending[0]);
  EXPECT_EQ(job.Read().code, 200);
  // The next call needs a fresh one.
  const auto late = job.Ask(Post(kReleasePath, field));
  EXPECT_EQ(late.code, 401);
  EXPECT_THAT(late.body, HasSubstr("get a fresh token"));
}

TEST_F(HttpTokensTest, RefusesACallWhoseTokenWasRevokedWhileItWaited) {
  TestingHttpClient job = shop_.WithoutCertificate();
  job.Send(Post(kReleasePath, Bearer({{"jti", "stolen"}})));
  const auto pending = shop_.AwaitPending(1);
  shop_.AwaitWaiting(1);
  shop_.server().site().Replace("revoked_ids: [never]",
                                "revoked_ids: [stolen]");
  while (Ask(Post(kFastPath, Bearer({{"jti", "stolen"}}))).code != 401) {
  }
  shop_.Approve(pending[0]);
  const auto answer = job.Read();
  EXPECT_EQ(answer.code, 401) << answer.body;
  EXPECT_EQ(LastDenial().details.Find("reason")->string(), "TOKEN_REVOKED");
  EXPECT_EQ(LastDenial().actor.subject, "token:ann");
}

TEST_F(HttpTokensTest, TellsWhichIssuerIsAwayToThoseItKnows) {
  EXPECT_EQ(Ask(Get("/readyz")).body, "ready\n");
  shop_.server().site().Write("jwks.json", "no key set", 0644);
  TestingHttpClient ci = shop_.As("ci");
  TestingHttpAnswer answer;
  do {
    shop_.server().clock().Advance(absl::Seconds(2));
    answer = ci.Ask(Get("/readyz"));
    ASSERT_EQ(answer.code, 200);
  } while (!absl::StrContains(answer.body, "builds"));
  EXPECT_EQ(answer.body,
            "ready; token issuers that cannot be reached: builds\n");
  const auto with = [](const std::string& field) {
    return absl::StrCat("GET /readyz HTTP/1.1\r\nHost: a\r\n", field,
                        "\r\n\r\n");
  };
  EXPECT_THAT(Ask(with(Bearer())).body, HasSubstr("builds"));
  EXPECT_EQ(Ask(with("Authorization: Bearer x")).body, "ready\n");
  EXPECT_EQ(Ask(Get("/readyz")).body, "ready\n");
  EXPECT_EQ(Denials(), 0);
}

TEST_F(HttpTokensTest, HasRevocationListsForEverybody) {
  EXPECT_EQ(Ask(Get("/crl/none.crl")).code, 404);
  EXPECT_EQ(Denials(), 0);
}

TEST(HttpWithoutIssuers, DoesNotLookAtTheField) {
  TestingShop shop;
  EXPECT_EQ(
      shop.As("ci").Ask(Post(kFastPath, "Authorization: Basic c2VjcmV0")).code,
      200);
  const auto nobody =
      shop.WithoutCertificate().Ask(Post(kFastPath, "Authorization: Bearer x"));
  EXPECT_EQ(nobody.code, 401);
  EXPECT_THAT(nobody.body, HasSubstr("no client certificate"));
}

}  // namespace
}  // namespace countersign::server
