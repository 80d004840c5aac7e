#include "client/login/redirect.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using Kind = Redirect::Kind;

const RedirectRules kRules = {"/callback", "s1", "https://i.example", true};
const std::string kGood = "/callback?state=s1&iss=https%3A%2F%2Fi.example";

TEST(RedirectTest, IsJudgedByWhatWasSent) {
  struct Row {
    std::string target;
    Kind kind;
  };
  const Row rows[] = {
      {kGood + "&code=c", Kind::kAuthorized},
      {"/favicon.ico", Kind::kNotIt},
      {"/callback/x?state=s1&code=c", Kind::kNotIt},
      {"/", Kind::kNotIt},
      {"/callback", Kind::kForeign},
      {kGood, Kind::kForeign},  // neither code nor error
      {"/callback?state=s2&iss=https%3A%2F%2Fi.example&code=c", Kind::kForeign},
      {"/callback?iss=https%3A%2F%2Fi.example&code=c", Kind::kForeign},
      {"/callback?state=s1&code=c", Kind::kForeign},
      {"/callback?state=s1&iss=https%3A%2F%2Fevil.example&code=c",
       Kind::kForeign},
      {kGood + "&code=c&code=d", Kind::kForeign},
      {kGood + "&state=s1&code=c", Kind::kForeign},
      {kGood + "&code=%", Kind::kForeign},
      {kGood + "&code=%zz", Kind::kForeign},
      {kGood + "&error=access_denied", Kind::kRefused},
      {kGood + "&error=access_denied&code=c", Kind::kRefused},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(JudgeRedirect(row.target, kRules).kind, row.kind) << row.target;
  }
}

TEST(RedirectTest, IsDecoded) {
  const Redirect redirect =
      JudgeRedirect(kGood + "&error=e%2Ff&error_description=a+b%21", kRules);
  EXPECT_EQ(redirect.error, "e/f");
  EXPECT_EQ(redirect.description, "a b!");
  EXPECT_EQ(JudgeRedirect(kGood + "&code=a%2Bb=c", kRules).code, "a+b=c");
}

TEST(RedirectTest, NeedsTheIssuerOnlyWhereItPromisedIt) {
  RedirectRules rules = kRules;
  rules.issuer_needed = false;
  EXPECT_EQ(JudgeRedirect("/callback?state=s1&code=c", rules).kind,
            Kind::kAuthorized);
  // One that is there has to be right all the same (RFC 9207 2.4).
  EXPECT_EQ(JudgeRedirect("/callback?state=s1&code=c&iss=x", rules).kind,
            Kind::kForeign);
}

}  // namespace
}  // namespace countersign::client
