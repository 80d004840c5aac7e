#include "server/pipeline/watch_hub.h"

#include <vector>

#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

RequestSnapshot Snapshot(int number, int64_t revision) {
  core::SigningRequest request = core::SampleRequest(number);
  request.revision = revision;
  return std::make_shared<const core::SigningRequest>(request);
}

std::string NameOf(int number) {
  return core::SampleRequest(number).name.Format();
}

TEST(WatchHubTest, TellsThoseWhoAskedForThatRequestAlone) {
  WatchHub hub(10);
  std::vector<int64_t> one;
  std::vector<int64_t> other;
  ASSERT_OK(hub.Subscribe(NameOf(1), [&](const RequestSnapshot& r) {
    one.push_back(r->revision);
  }));
  ASSERT_OK(hub.Subscribe(NameOf(2), [&](const RequestSnapshot& r) {
    other.push_back(r->revision);
  }));
  hub.Notify(Snapshot(1, 2));
  hub.Notify(Snapshot(1, 3));
  EXPECT_EQ(one, (std::vector<int64_t>{2, 3}));
  EXPECT_TRUE(other.empty());
}

TEST(WatchHubTest, ForgetsWhoUnsubscribed) {
  WatchHub hub(10);
  int calls = 0;
  ASSERT_OK_AND_ASSIGN(
      const WatchHub::Ticket ticket,
      hub.Subscribe(NameOf(1), [&](const RequestSnapshot&) { ++calls; }));
  EXPECT_TRUE(hub.IsWatched(NameOf(1)));
  hub.Unsubscribe(ticket);
  hub.Unsubscribe(ticket);
  hub.Notify(Snapshot(1, 2));
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(hub.IsWatched(NameOf(1)));
  EXPECT_EQ(hub.size(), 0u);
}

TEST(WatchHubTest, TakesNoMoreThanItsBound) {
  WatchHub hub(2);
  const auto ignore = [](const RequestSnapshot&) {};
  ASSERT_OK_AND_ASSIGN(const WatchHub::Ticket ticket,
                       hub.Subscribe(NameOf(1), ignore));
  ASSERT_OK(hub.Subscribe(NameOf(1), ignore));
  EXPECT_THAT(hub.Subscribe(NameOf(2), ignore), base::HasReason("OVERLOADED"));
  hub.Unsubscribe(ticket);
  EXPECT_OK(hub.Subscribe(NameOf(2), ignore));
}

TEST(WatchHubTest, TellsEverybodyOfTheEndOnce) {
  WatchHub hub(10);
  int ends = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(hub.Subscribe(NameOf(i), [&](const RequestSnapshot& r) {
      EXPECT_EQ(r, nullptr);
      ++ends;
    }));
  }
  hub.Close();
  hub.Close();
  EXPECT_EQ(ends, 3);
  EXPECT_FALSE(hub.Subscribe(NameOf(1), [](const RequestSnapshot&) {}).ok());
}

TEST(WatchHubTest, AListenerMayUnsubscribeItself) {
  WatchHub hub(10);
  WatchHub::Ticket ticket;
  int calls = 0;
  ASSERT_OK_AND_ASSIGN(ticket,
                       hub.Subscribe(NameOf(1), [&](const RequestSnapshot&) {
                         ++calls;
                         hub.Unsubscribe(ticket);
                       }));
  hub.Notify(Snapshot(1, 2));
  hub.Notify(Snapshot(1, 3));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace countersign::server
