#include "server/config/config_watcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "server/config/config.h"
#include "server/config/testing_site.h"

namespace countersign::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigWatcherTest : public testing::Test {
 protected:
  ConfigWatcherTest() {
    base::SetLogSink([this](const std::string& l) { lines_.push_back(l); });
    absl::StatusOr<ServerConfig> config =
        LoadConfig(site_.config_path(), clock_.Now());
    EXPECT_OK(config);
    watcher_ = std::make_unique<ConfigWatcher>(
        site_.config_path(), *std::move(config), clock_,
        [this](auto rules) { applied_.push_back(std::move(rules)); });
    EXPECT_TRUE(watcher_->Poll());
    applied_.clear();
    lines_.clear();
  }
  ~ConfigWatcherTest() override { base::SetLogSink(nullptr); }

  const TestingSite site_;
  base::FakeClock clock_;
  std::vector<std::string> lines_;
  std::vector<std::shared_ptr<const auth::AccessSnapshot>> applied_;
  std::unique_ptr<ConfigWatcher> watcher_;
};

TEST_F(ConfigWatcherTest, DoesNothingWhileTheFileStands) {
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_THAT(applied_, IsEmpty());
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(ConfigWatcherTest, AppliesNewRulesOnce) {
  site_.Replace("group: ci", "group: robots");
  EXPECT_TRUE(watcher_->Poll());
  EXPECT_FALSE(watcher_->Poll());
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_THAT(applied_[0]->group_rules.Evaluate("spiffe://d/ci/x", ""),
              ElementsAre("robots"));
  EXPECT_THAT(applied_[0]->policy.known_groups,
              ElementsAre("people", "robots"));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("config_reloaded")));
}

TEST_F(ConfigWatcherTest, AppliesNewExpiries) {
  site_.Replace("hsm:", "limits: {max_request_expiry: 5h}\nhsm:");
  EXPECT_TRUE(watcher_->Poll());
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0]->policy.max_request_expiry, absl::Hours(5));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("config_reloaded")));
}

TEST_F(ConfigWatcherTest, KeepsTheOldRulesWhereTheNewFileIsBroken) {
  site_.Replace("group: ci", "grup: ci");
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_THAT(applied_, IsEmpty());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("did you mean group?")));
  // Said once, not at every poll.
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_EQ(lines_.size(), 1u);
  site_.Replace("grup: ci", "group: ci");
  EXPECT_TRUE(watcher_->Poll());
  EXPECT_EQ(applied_.size(), 1u);
}

TEST_F(ConfigWatcherTest, KeepsTheOldRulesWhileTheFileIsAway) {
  ASSERT_EQ(unlink(site_.config_path().c_str()), 0);
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("config_refused")));
  EXPECT_FALSE(watcher_->Poll());
  site_.Write("countersignd.yaml", TestingSite::Yaml());
  EXPECT_TRUE(watcher_->Poll());
  EXPECT_EQ(lines_.size(), 2u);
}

// A revocation must not wait for the next edit because a certificate was being
// replaced in that moment.
TEST_F(ConfigWatcherTest, TakesAChangeWhenTheFilesThatItNamesAreWholeAgain) {
  site_.Write("ca.pem", "half of a certi");
  site_.Replace("hsm:", "limits: {key_destroy_delay: 5h}\nhsm:");
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_FALSE(watcher_->Poll());
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("config_refused")));
  site_.Write("ca.pem", site_.ca().pem());
  EXPECT_TRUE(watcher_->Poll());
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0]->policy.key_destroy_delay, absl::Hours(5));
  EXPECT_FALSE(watcher_->Poll());
}

TEST_F(ConfigWatcherTest, SaysWhatNeedsARestartAndAppliesTheRest) {
  site_.Replace("token_label: token", "token_label: other\n      sessions: 4");
  EXPECT_TRUE(watcher_->Poll());
  EXPECT_EQ(applied_.size(), 1u);
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr("config_needs_restart"),
                                     HasSubstr("hsm.tokens[0].token_label, "
                                               "hsm.tokens[0].sessions"))));
}

TEST_F(ConfigWatcherTest, KeepsTheTokensThatTheSignerWasStartedWith) {
  site_.Replace("name: main", "name: other");
  site_.Replace("hsm:", "limits: {key_destroy_delay: 5h}\nhsm:");
  EXPECT_TRUE(watcher_->Poll());
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_THAT(applied_[0]->policy.tokens, ElementsAre("main"));
  EXPECT_EQ(applied_[0]->policy.default_token, "main");
  EXPECT_EQ(applied_[0]->policy.key_destroy_delay, absl::Hours(5));
  EXPECT_THAT(lines_, Contains(HasSubstr("hsm.tokens[0].name")));
}

constexpr char kIssuer[] =
    "  token_issuers:\n"
    "    - name: staff\n"
    "      issuer: https://id.d.org\n"
    "      audiences: [signer.d.org]\n";

TEST_F(ConfigWatcherTest, TakesTheFirstTokenIssuerAtARestartOnly) {
  site_.Replace("hsm:", std::string(kIssuer) + "hsm:");
  EXPECT_TRUE(watcher_->Poll());
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_THAT(applied_[0]->token_issuers, IsEmpty());
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr("config_needs_restart"),
                                     HasSubstr("identity.token_issuers"))));
}

TEST_F(ConfigWatcherTest, AppliesRevocationsAndPeople) {
  site_.Replace("hsm:", std::string(kIssuer) + "hsm:");
  ASSERT_OK_AND_ASSIGN(ServerConfig running,
                       LoadConfig(site_.config_path(), clock_.Now()));
  ConfigWatcher watcher(
      site_.config_path(), std::move(running), clock_,
      [this](auto rules) { applied_.push_back(std::move(rules)); });
  EXPECT_TRUE(watcher.Poll());
  site_.Replace("hsm:",
                "      revoked_ids: [stolen]\n"
                "  people:\n"
                "    - name: Ann\n"
                "      identities:\n"
                "        - {subject: 'token:ann', token_issuer: staff}\n"
                "hsm:");
  lines_.clear();
  EXPECT_TRUE(watcher.Poll());
  ASSERT_EQ(applied_.size(), 2u);
  ASSERT_EQ(applied_[1]->token_issuers.size(), 1u);
  EXPECT_THAT(applied_[1]->token_issuers[0].revoked_ids, ElementsAre("stolen"));
  EXPECT_EQ(applied_[1]->policy.people.size(), 1u);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("config_reloaded")));
}

TEST_F(ConfigWatcherTest, NoticesAFileWrittenInPlaceWithTheSameSize) {
  ASSERT_OK_AND_ASSIGN(std::string yaml, base::ReadFile(site_.config_path()));
  yaml.replace(yaml.find("group: ci"), 9, "group: bo");
  FILE* file = fopen(site_.config_path().c_str(), "r+");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(fwrite(yaml.data(), 1, yaml.size(), file), yaml.size());
  ASSERT_EQ(fclose(file), 0);
  // The kernel's clock for files may stand still for some milliseconds.
  const timespec times[2] = {{1767225600, 0}, {1767225600, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, site_.config_path().c_str(), times, 0), 0);
  EXPECT_TRUE(watcher_->Poll());
}

}  // namespace
}  // namespace countersign::server
