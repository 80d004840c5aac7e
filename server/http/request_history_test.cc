#include "server/http/request_history.h"

#include <map>
#include <set>
#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using core::RequestState;

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);
constexpr absl::Duration kHour = absl::Hours(1);

core::RequestContent Content() {
  core::RequestContent content;
  content.operation = *core::OperationName::Parse("products/p/operations/o");
  content.digests = {{"label", std::string(32, 'd')}};
  content.description = "why";
  content.context = {{"build", "17"}};
  return content;
}

core::Principal Caller(const std::string& subject, const std::string& issuer) {
  core::Principal caller;
  caller.subject = subject;
  caller.issuer = issuer;
  return caller;
}

TEST(HttpRequestId, DiffersWithEachThingThatMatters) {
  const core::Principal ci = Caller("ci", "CN=CA");
  std::set<std::string> ids = {HttpRequestId(ci, Content(), 1)};
  EXPECT_EQ(HttpRequestId(ci, Content(), 1), *ids.begin());
  EXPECT_EQ(ids.begin()->size(), 36u);
  ids.insert(HttpRequestId(ci, Content(), 2));
  ids.insert(HttpRequestId(Caller("ci2", "CN=CA"), Content(), 1));
  ids.insert(HttpRequestId(Caller("ci", "CN=Other"), Content(), 1));
  core::RequestContent content = Content();
  content.description = "another";
  ids.insert(HttpRequestId(ci, content, 1));
  content = Content();
  content.context["build"] = "18";
  ids.insert(HttpRequestId(ci, content, 1));
  content = Content();
  content.digests[0].label = "other";
  ids.insert(HttpRequestId(ci, content, 1));
  content = Content();
  content.digests[0].value[0] = 'e';
  ids.insert(HttpRequestId(ci, content, 1));
  content = Content();
  content.algorithm = core::SignatureAlgorithm::kRsassaPss;
  ids.insert(HttpRequestId(ci, content, 1));
  content = Content();
  content.encoding = core::SignatureEncoding::kPem;
  ids.insert(HttpRequestId(ci, content, 1));
  EXPECT_EQ(ids.size(), 10u);
}

TEST(StillAnswers, FollowsTheTable) {
  const struct {
    RequestState state;
    bool decided;
    absl::Duration age;
    bool want;
  } kRows[] = {
      {RequestState::kPendingApproval, false, absl::Hours(1000), true},
      {RequestState::kApproved, true, absl::Hours(1000), true},
      {RequestState::kSigned, false, absl::Minutes(59), true},
      {RequestState::kSigned, false, kHour, false},
      {RequestState::kRejected, true, absl::Minutes(59), true},
      {RequestState::kRejected, true, kHour, false},
      {RequestState::kCancelled, false, absl::Minutes(59), true},
      {RequestState::kCancelled, false, kHour, false},
      {RequestState::kFailed, true, absl::Minutes(59), true},
      {RequestState::kFailed, true, kHour, false},
      {RequestState::kFailed, false, absl::ZeroDuration(), false},
      {RequestState::kExpired, false, absl::ZeroDuration(), false},
  };
  for (const auto& row : kRows) {
    core::SigningRequest request;
    request.state = row.state;
    request.update_time = kNow - row.age;
    if (row.decided) request.decisions.emplace_back();
    EXPECT_EQ(StillAnswers(request, kNow, kHour), row.want)
        << core::ToString(row.state) << " " << row.age;
  }
  core::SigningRequest done;
  done.state = RequestState::kSigned;
  done.update_time = kNow;
  EXPECT_FALSE(StillAnswers(done, kNow, absl::ZeroDuration()));
}

TEST(FindLast, FindsTheLastOfAnyNumberInFewLooks) {
  const core::Principal ci = Caller("ci", "CN=CA");
  std::map<std::string, int> number_of;
  for (int n = 1; n <= 200; ++n) {
    number_of[HttpRequestId(ci, Content(), n)] = n;
  }
  for (int made = 0; made <= 150; ++made) {
    int looks = 0;
    ASSERT_OK_AND_ASSIGN(
        const LastRequest last,
        FindLast(ci, Content(),
                 [&](const std::string& id)
                     -> absl::StatusOr<std::optional<core::SigningRequest>> {
                   ++looks;
                   const auto found = number_of.find(id);
                   if (found == number_of.end() || found->second > made) {
                     return std::optional<core::SigningRequest>();
                   }
                   core::SigningRequest request;
                   request.revision = found->second;
                   return std::optional<core::SigningRequest>(request);
                 }));
    EXPECT_EQ(last.number, made);
    EXPECT_EQ(last.request.has_value(), made > 0);
    EXPECT_EQ(last.request.has_value() ? last.request->revision : 0, made);
    EXPECT_LE(looks, 17) << made;
  }
}

TEST(FindLast, PassesTheStoresErrorOn) {
  const auto last =
      FindLast({}, Content(),
               [](const std::string&)
                   -> absl::StatusOr<std::optional<core::SigningRequest>> {
                 return absl::InternalError("disk");
               });
  EXPECT_EQ(last.status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace countersign::server
