// Calls that wait for people: answered when they have decided, found again when
// they come again, bounded, and no threads.
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/testing_http_client.h"
#include "server/http/testing_shop.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

std::string Post(const std::string& text = "file") {
  return OcmPost(kReleasePath, base::Sha256(text));
}

int Threads() {
  std::ifstream status("/proc/self/status");
  std::string word;
  int threads = 0;
  while (status >> word) {
    if (word == "Threads:") status >> threads;
  }
  return threads;
}

TEST(HttpWaiting, AnswersWhenSomebodyHasAgreed) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  ci.Send(Post());
  shop.Approve(shop.AwaitPending(1)[0]);
  const auto answer = ci.Read();
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_THAT(answer.body, testing::StartsWith("-----BEGIN SIGNATURE-----"));
}

TEST(HttpWaiting, FindsTheRequestOfACallerThatHungUp) {
  TestingShop shop;
  TestingHttpClient first = shop.As("ci");
  first.Send(Post());
  const auto pending = shop.AwaitPending(1);
  shop.AwaitWaiting(1);
  first.HangUp();
  shop.AwaitWaiting(0);
  TestingHttpClient second = shop.As("ci");
  second.Send(Post());
  shop.AwaitWaiting(1);
  shop.Approve(pending[0]);
  const auto answer = second.Read();
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(shop.Created(), 1);
  // So does one that comes after the signature.
  EXPECT_EQ(shop.As("ci").Ask(Post()).body, answer.body);
  EXPECT_EQ(shop.Created(), 1);
}

TEST(HttpWaiting, MakesARequestOfItsOwnForEachUse) {
  TestingShop shop;
  TestingHttpClient release = shop.As("release");
  for (int use = 1; use <= 4; ++use) {
    EXPECT_EQ(release.Ask(Post()).code, 200);
    EXPECT_EQ(release.Ask(Post()).code, 200);
    EXPECT_EQ(shop.Created(), use);
    shop.server().clock().Advance(absl::Hours(1));
  }
}

TEST(HttpWaiting, TellsTwoCallersAndTwoDescriptionsApart) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  TestingHttpClient again = shop.As("ci");
  ci.Send(Post());
  shop.AwaitPending(1);
  again.Send(OcmPost(absl::StrCat(kReleasePath, "&description=another"),
                     base::Sha256("file")));
  shop.AwaitPending(2);
  EXPECT_EQ(shop.As("release").Ask(Post()).code, 200);
  EXPECT_EQ(shop.Created(), 3);
}

TEST(HttpWaiting, RepeatsARejectionAndThenAsksAgain) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  ci.Send(Post());
  shop.Reject(shop.AwaitPending(1)[0], "not tagged");
  auto answer = ci.Read();
  EXPECT_EQ(answer.code, 403);
  EXPECT_THAT(answer.body,
              HasSubstr("email:approver@approvers.org: not tagged"));
  EXPECT_THAT(answer.body, HasSubstr("products/shop/operations/release/"));
  // A job that tries again asks nobody twice.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ci.Ask(Post()).body, answer.body);
  EXPECT_EQ(shop.Created(), 1);
  shop.server().clock().Advance(absl::Hours(1));
  ci.Send(Post());
  shop.Approve(shop.AwaitPending(1)[0]);
  EXPECT_EQ(ci.Read().code, 200);
  EXPECT_EQ(shop.Created(), 2);
}

TEST(HttpWaiting, AsksAnewAfterTooFewAgreedInTime) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  ci.Send(Post());
  shop.AwaitPending(1);
  shop.AwaitWaiting(1);
  shop.server().clock().Advance(absl::Hours(24 * 8));
  const auto answer = ci.Read();
  EXPECT_EQ(answer.code, 409);
  EXPECT_THAT(answer.body, HasSubstr("expired"));
  ci.Send(Post());
  shop.AwaitPending(1);
  EXPECT_EQ(shop.Created(), 2);
}

TEST(HttpWaiting, EndsAtTheBoundWithTheRequestsName) {
  TestingShop shop("  max_wait: 1s\n");
  TestingHttpClient ci = shop.As("ci");
  const auto late = ci.Ask(Post());
  EXPECT_EQ(late.code, 503);
  EXPECT_EQ(late.Field("Retry-After"), "1");
  const auto pending = shop.AwaitPending(1);
  EXPECT_THAT(late.body, HasSubstr(pending[0].name()));
  ci.Send(Post());
  shop.Approve(pending[0]);
  const auto answer = ci.Read();
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(shop.Created(), 1);
}

TEST(HttpWaiting, LetsNoMoreWaitThanMay) {
  TestingShop shop("  max_waiting_calls: 1\n");
  TestingHttpClient first = shop.As("ci");
  first.Send(Post("first"));
  shop.AwaitWaiting(1);
  TestingHttpClient second = shop.As("ci");
  auto answer = second.Ask(Post("second"));
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.Field("Retry-After"), "30");
  const auto pending = shop.AwaitPending(2);
  EXPECT_THAT(answer.body, HasSubstr("as many calls as may wait"));
  // It was asked for all the same.
  for (const auto& request : pending) shop.Approve(request);
  EXPECT_EQ(first.Read().code, 200);
  EXPECT_EQ(second.Ask(Post("second")).code, 200);
  EXPECT_EQ(shop.Created(), 2);
}

TEST(HttpWaiting, WaitsForATokenThatIsAway) {
  TestingShop shop;
  shop.server().signer().FailNext(1, absl::UnavailableError("gone"));
  const auto answer = shop.As("release").Ask(Post());
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(shop.Created(), 1);
}

TEST(HttpWaiting, TellsThoseWhoWaitThatTheServerStops) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  ci.Send(Post());
  shop.AwaitWaiting(1);
  shop.server().app().Stop();
  const auto answer = ci.Read();
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(answer.Field("Retry-After"), "1");
  EXPECT_THAT(answer.body, HasSubstr("the server is stopping"));
  EXPECT_THAT(answer.body, HasSubstr("/signingRequests/"));
  EXPECT_TRUE(ci.HasEnded());
}

TEST(HttpWaiting, LooksAtTheCallersGroupsAgainBeforeItAnswers) {
  TestingShop shop;
  TestingHttpClient ci = shop.As("ci");
  ci.Send(Post());
  const auto pending = shop.AwaitPending(1);
  shop.AwaitWaiting(1);
  // The certificate runs out while people think.
  shop.server().clock().Set(absl::FromUnixSeconds(2051222400 + 1));
  EXPECT_EQ(ci.Read().code, 401);
}

TEST(HttpWaiting, HoldsNoThreadForACallThatWaits) {
  TestingShop shop;
  constexpr int kCalls = 300;
  TestingHttpClient warm = shop.As("ci");
  warm.Send(Post("warm"));
  shop.AwaitWaiting(1);
  const int before = Threads();
  std::vector<TestingHttpClient> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(shop.As("ci"));
    calls.back().Send(Post(absl::StrCat(i)));
  }
  shop.AwaitWaiting(kCalls + 1);
  // gRPC's own come and go.
  EXPECT_LE(Threads(), before + 8);
  for (const auto& request : shop.AwaitPending(kCalls + 1)) {
    shop.Approve(request);
  }
  std::set<std::string> bodies;
  for (auto& call : calls) {
    const auto answer = call.Read();
    EXPECT_EQ(answer.code, 200) << answer.body;
    bodies.insert(answer.body);
  }
  EXPECT_EQ(bodies.size(), static_cast<size_t>(kCalls));
}

}  // namespace
}  // namespace countersign::server
