#include "server/token_reporter.h"

#include <string>
#include <vector>

#include "base/log.h"
#include "core/signer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Status = HealthBoard::Status;

class TokenReporterTest : public testing::Test {
 protected:
  TokenReporterTest() {
    base::SetLogSink([this](const std::string& l) { lines_.push_back(l); });
  }
  ~TokenReporterTest() override { base::SetLogSink(nullptr); }

  // With the causes of those that are away.
  bool Report(const std::string& main, const std::string& second) {
    core::SignerHealth health;
    health.ready = main.empty() || second.empty();
    health.tokens = {{"main", main.empty(), main, 0},
                     {"second", second.empty(), second, 0}};
    return reporter_.Report(health);
  }
  Status Of(const std::string& service) { return board_.Look(service).status; }

  std::vector<std::string> lines_;
  HealthBoard board_{{"S", TokenService("main"), TokenService("second")}};
  TokenReporter reporter_{board_, "S"};
};

TEST_F(TokenReporterTest, SaysNothingOfTokensThatWereNeverAway) {
  EXPECT_FALSE(Report("", ""));
  EXPECT_FALSE(Report("", ""));
  EXPECT_EQ(Of("tokens/main"), Status::kServing);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(TokenReporterTest, TellsOfEachTokenInBothDirections) {
  EXPECT_FALSE(Report("unplugged", ""));
  EXPECT_EQ(Of("tokens/main"), Status::kNotServing);
  EXPECT_EQ(Of("tokens/second"), Status::kServing);
  EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("token_unhealthy"),
                                        HasSubstr("\"main\""),
                                        HasSubstr("unplugged"))));
  lines_.clear();
  EXPECT_TRUE(Report("", ""));
  EXPECT_EQ(Of("tokens/main"), Status::kServing);
  EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("token_ready"),
                                        HasSubstr("\"main\""))));
  EXPECT_FALSE(Report("", ""));
}

TEST_F(TokenReporterTest, ServesWhileOneTokenIsReady) {
  Report("away", "");
  EXPECT_EQ(Of("S"), Status::kServing);
  Report("away", "away");
  EXPECT_EQ(Of("S"), Status::kNotServing);
  EXPECT_TRUE(Report("away", ""));
  EXPECT_EQ(Of("S"), Status::kServing);
}

TEST_F(TokenReporterTest, SaysACauseOnce) {
  Report("away", "");
  Report("away", "");
  EXPECT_EQ(lines_.size(), 1u);
  Report("the PIN was refused", "");
  EXPECT_EQ(lines_.size(), 2u);
}

TEST_F(TokenReporterTest, TellsOfTokensThatWereAwayFromTheBeginning) {
  Report("away", "away");
  EXPECT_EQ(lines_.size(), 2u);
  EXPECT_TRUE(Report("", ""));
  EXPECT_EQ(lines_.size(), 4u);
}

}  // namespace
}  // namespace countersign::server
