#include "server/health_board.h"

#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using Status = HealthBoard::Status;

// Far longer than any wait that ends as it should.
constexpr absl::Duration kLong = absl::Seconds(60);

class HealthBoardTest : public testing::Test {
 protected:
  HealthBoard board_{{"a.A", "b.B"}};
};

TEST_F(HealthBoardTest, KnowsItsServicesAndTheWholeServer) {
  const struct {
    std::string service;
    Status want;
  } kRows[] = {
      {"", Status::kServing},       {"a.A", Status::kServing},
      {"b.B", Status::kServing},    {"c.C", Status::kUnknown},
      {"a.A ", Status::kUnknown},   {"A.a", Status::kUnknown},
      {"/a.A", Status::kUnknown},   {std::string(1, '\0'), Status::kUnknown},
      {"a.A/Do", Status::kUnknown},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(board_.Look(row.service).status, row.want) << row.service;
    EXPECT_FALSE(board_.Look(row.service).closed);
  }
}

TEST_F(HealthBoardTest, TakesServicesThatComeAndGo) {
  board_.Know("issuers/ci");
  EXPECT_EQ(board_.Look("issuers/ci").status, Status::kNotServing);
  board_.Set("issuers/ci", true);
  board_.Know("issuers/ci");
  EXPECT_EQ(board_.Look("issuers/ci").status, Status::kServing);
  board_.Forget("issuers/ci");
  board_.Forget("never there");
  EXPECT_EQ(board_.Look("issuers/ci").status, Status::kUnknown);
  board_.Close();
  board_.Know("issuers/ci");
  EXPECT_EQ(board_.Look("issuers/ci").status, Status::kUnknown);
}

TEST_F(HealthBoardTest, ChangesOneServiceAlone) {
  board_.Set("a.A", false);
  EXPECT_EQ(board_.Look("a.A").status, Status::kNotServing);
  EXPECT_EQ(board_.Look("b.B").status, Status::kServing);
  EXPECT_EQ(board_.Look("").status, Status::kServing);
  board_.Set("a.A", true);
  EXPECT_EQ(board_.Look("a.A").status, Status::kServing);
}

TEST_F(HealthBoardTest, LearnsNoServiceThatItDoesNotKnow) {
  board_.Set("c.C", true);
  EXPECT_EQ(board_.Look("c.C").status, Status::kUnknown);
}

TEST_F(HealthBoardTest, DoesNotWaitForWhatHasHappened) {
  board_.Set("a.A", false);
  EXPECT_EQ(
      board_.Wait("a.A", Status::kServing, absl::InfiniteDuration()).status,
      Status::kNotServing);
  EXPECT_EQ(
      board_.Wait("c.C", Status::kServing, absl::InfiniteDuration()).status,
      Status::kUnknown);
}

TEST_F(HealthBoardTest, WaitsNoLongerThanTold) {
  const HealthBoard::View view =
      board_.Wait("a.A", Status::kServing, absl::Milliseconds(1));
  EXPECT_EQ(view.status, Status::kServing);
  EXPECT_FALSE(view.closed);
}

// Waits, as a watch does, until the service is no longer as `seen`.
HealthBoard::View Await(HealthBoard& board, const std::string& service,
                        Status seen) {
  HealthBoard::View view = board.Look(service);
  while (!view.closed && view.status == seen) {
    view = board.Wait(service, seen, kLong);
  }
  return view;
}

TEST_F(HealthBoardTest, WakesWhoWaits) {
  HealthBoard::View seen{};
  std::thread watcher([&] { seen = Await(board_, "a.A", Status::kServing); });
  board_.Set("b.B", false);  // nothing to this watcher
  board_.Set("a.A", false);
  watcher.join();
  EXPECT_EQ(seen.status, Status::kNotServing);
  EXPECT_FALSE(seen.closed);
}

TEST_F(HealthBoardTest, EndsAllWaitsWhenItCloses) {
  const std::vector<std::string> services = {"", "a.A", "b.B", "c.C"};
  std::vector<HealthBoard::View> seen(services.size());
  std::vector<std::thread> watchers;
  for (size_t i = 0; i < services.size(); ++i) {
    watchers.emplace_back([&, i] {
      seen[i] = Await(board_, services[i], board_.Look(services[i]).status);
    });
  }
  board_.Close();
  for (std::thread& watcher : watchers) watcher.join();
  for (size_t i = 0; i < services.size(); ++i) {
    EXPECT_TRUE(seen[i].closed) << services[i];
    EXPECT_EQ(seen[i].status,
              services[i] == "c.C" ? Status::kUnknown : Status::kNotServing);
  }
}

TEST_F(HealthBoardTest, StaysClosed) {
  board_.Close();
  board_.Set("a.A", true);
  EXPECT_EQ(board_.Look("a.A").status, Status::kNotServing);
  board_.Close();
  EXPECT_TRUE(
      board_.Wait("a.A", Status::kNotServing, absl::InfiniteDuration()).closed);
}

}  // namespace
}  // namespace countersign::server
