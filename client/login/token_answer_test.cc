#include "client/login/token_answer.h"

#include <string>

#include "absl/strings/match.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "client/login/fake_issuer.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;

absl::StatusOr<TokenAnswer> Parse(const std::string& text) {
  return ParseTokenAnswer(*base::ParseJson(text), absl::FromUnixSeconds(1000));
}

TEST(TokenAnswerTest, IsRead) {
  ASSERT_OK_AND_ASSIGN(
      const TokenAnswer answer,
      Parse(R"({"access_token":"a.b","token_type":"bearer","expires_in":60,
                "refresh_token":"r t"})"));
  EXPECT_EQ(answer.access_token.DangerouslyExpose(), "a.b");
  EXPECT_EQ(answer.refresh_token.DangerouslyExpose(), "r t");
  EXPECT_TRUE(answer.id_token.empty());
  EXPECT_EQ(answer.expire_time, absl::FromUnixSeconds(1060));
}

TEST(TokenAnswerTest, MayLeaveItsEndOpenOrSayItAsText) {
  EXPECT_EQ(Parse(R"({"access_token":"a","token_type":"Bearer"})")->expire_time,
            absl::InfiniteFuture());
  EXPECT_EQ(Parse(R"({"access_token":"a","token_type":"Bearer",
                      "expires_in":"60"})")
                ->expire_time,
            absl::FromUnixSeconds(1060));
}

TEST(TokenAnswerTest, RefusesWhatIsNoToken) {
  const char* const rows[] = {
      R"({"token_type":"Bearer"})",
      R"({"access_token":"a"})",
      R"({"access_token":"a","token_type":"DPoP"})",
      R"({"access_token":5,"token_type":"Bearer"})",
      R"({"access_token":"a\r\nb: c","token_type":"Bearer"})",
      R"({"access_token":"a","id_token":"a b","token_type":"Bearer"})",
      R"({"access_token":"a","token_type":"Bearer","expires_in":-1})",
      R"({"access_token":"a","token_type":"Bearer","expires_in":1e300})",
      R"({"access_token":"a","token_type":"Bearer","expires_in":"soon"})",
      R"({"access_token":"a","token_type":"Bearer","expires_in":{}})",
  };
  for (const char* row : rows) {
    EXPECT_THAT(Parse(row).status(), HasReason("ISSUER_ANSWER_WRONG")) << row;
  }
}

class IdTokenTest : public testing::Test {
 protected:
  absl::StatusOr<IdToken> Check(const base::Json::Object& changes,
                                const std::string& nonce = "",
                                const std::string& subject = "") {
    return CheckIdToken(
        base::SecretBytes(issuer_.IdToken(changes)),
        {FakeIssuer::kUrl, "cli", nonce, subject, issuer_.clock.Now()});
  }
  int64_t Now() { return absl::ToUnixSeconds(issuer_.clock.Now()); }

  FakeIssuer issuer_;
};

TEST_F(IdTokenTest, TellsSubjectAndEnd) {
  ASSERT_OK_AND_ASSIGN(const IdToken token, Check({{"nonce", "n"}}, "n"));
  EXPECT_EQ(token.subject, "ann");
  EXPECT_EQ(token.nonce, "n");
  EXPECT_EQ(token.expire_time, issuer_.clock.Now() + absl::Hours(1));
}

TEST_F(IdTokenTest, MayHaveSeveralAudiencesWithUsAsItsParty) {
  EXPECT_OK(Check({{"aud", base::Json::Array{"cli"}}}).status());
  EXPECT_OK(Check({{"aud", base::Json::Array{"other", "cli"}}, {"azp", "cli"}})
                .status());
}

TEST_F(IdTokenTest, ForgivesTwoMinutesOfClocks) {
  EXPECT_OK(Check({{"exp", Now() - 119}}).status());
  EXPECT_OK(Check({{"iat", Now() + 119}}).status());
}

TEST_F(IdTokenTest, RefusesWhatDoesNotFit) {
  struct Row {
    base::Json::Object changes;
    const char* why;
  };
  const Row rows[] = {
      {{{"iss", "https://login.example.org/"}}, "issuer"},
      {{{"iss", base::Json()}}, "issuer"},
      {{{"aud", "other"}}, "not for the client"},
      {{{"aud", base::Json()}}, "not for the client"},
      {{{"aud", base::Json::Array{"other"}}}, "not for the client"},
      {{{"aud", base::Json::Array{"cli", "other"}}}, "not for the client"},
      {{{"azp", "other"}}, "not for the client"},
      {{{"sub", ""}}, "no subject"},
      {{{"exp", Now() - 120}}, "expired"},
      {{{"exp", base::Json()}}, "exp"},
      {{{"exp", "soon"}}, "exp"},
      {{{"exp", 1e300}}, "exp"},
      {{{"iat", Now() + 121}}, "future"},
      {{{"iat", base::Json()}}, "iat"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Check(row.changes).status(),
                base::StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr(row.why)));
  }
  EXPECT_THAT(Check({}, "n").status(), HasReason("ISSUER_ANSWER_WRONG"));
  EXPECT_THAT(Check({{"nonce", "m"}}, "n").status(),
              HasReason("ISSUER_ANSWER_WRONG"));
  EXPECT_THAT(Check({}, "", "bob").status(), HasReason("ISSUER_ANSWER_WRONG"));
}

TEST_F(IdTokenTest, RefusesWhatIsNoJwtAndQuotesNothingOfIt) {
  for (const char* text :
       {"secret", "a.b", "a.b.c.d", "e30.!.s", "e30.W10.s", "e30.c2VjcmV0.s"}) {
    const absl::Status status =
        CheckIdToken(base::SecretBytes(text),
                     {FakeIssuer::kUrl, "cli", "", "", issuer_.clock.Now()})
            .status();
    EXPECT_THAT(status, HasReason("ISSUER_ANSWER_WRONG")) << text;
    EXPECT_FALSE(absl::StrContains(status.message(), "secret"));
  }
}

}  // namespace
}  // namespace countersign::client
