#include "server/issuer_thread.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/issuer_keys.h"
#include "auth/testing_issuer.h"
#include "auth/token_issuer.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_matchers.h"
#include "core/event.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Status = HealthBoard::Status;

// Far longer than anything takes that ends as it should.
constexpr absl::Duration kLong = absl::Seconds(60);

auth::TokenIssuer Issuer(const std::string& name) {
  auth::TokenIssuer issuer;
  issuer.name = name;
  issuer.issuer = absl::StrCat("https://", name, ".example");
  return issuer;
}

class IssuerThreadTest : public testing::Test {
 protected:
  IssuerThreadTest()
      : keys_(auth::IssuerKeys::Options(), clock_,
              [this](const auth::TokenIssuer& issuer,
                     const std::function<bool()>& interrupted) {
                return Answer(issuer.name, interrupted);
              }),
        issuers_(keys_, board_, clock_,
                 [this](core::Event event) { return Record(event); }) {
    base::SetLogSink([this](const std::string& line) {
      base::MutexLock lock(mutex_);
      log_ += line;
    });
  }
  ~IssuerThreadTest() override {
    Stop();
    base::SetLogSink(nullptr);
  }

  void Start(const std::vector<std::string>& names) {
    Replace(names);
    thread_ = std::thread([this] { issuers_.RunLoop(); });
  }
  void Stop() {
    issuers_.Stop();
    if (thread_.joinable()) thread_.join();
  }
  void Replace(const std::vector<std::string>& names) {
    std::vector<auth::TokenIssuer> issuers;
    for (const std::string& name : names) issuers.push_back(Issuer(name));
    keys_.Replace(issuers);
  }

  // "dead" says nothing for ever; others have one key, where they are not down.
  absl::StatusOr<auth::IssuerKeys::Fetched> Answer(
      const std::string& name, const std::function<bool()>& interrupted) {
    while (name == "dead" && !interrupted()) std::this_thread::yield();
    base::MutexLock lock(mutex_);
    if (name == "dead" || down_) return absl::UnavailableError("down");
    return auth::IssuerKeys::Fetched{
        issuer_.Jwks(), absl::StrCat("https://", name, ".example/jwks?key=x"),
        absl::ZeroDuration()};
  }
  absl::Status Record(const core::Event& event) {
    base::MutexLock lock(mutex_);
    events_.push_back(event);
    return absl::OkStatus();
  }
  void SetDown(bool down) {
    base::MutexLock lock(mutex_);
    down_ = down;
  }
  std::string log() {
    base::MutexLock lock(mutex_);
    return log_;
  }
  // Until `done`; false where that does not come.
  static bool Until(const std::function<bool()>& done) {
    const absl::Duration end = base::SteadyNow() + kLong;
    while (!done()) {
      if (base::SteadyNow() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  Status On(const std::string& name) {
    return board_.Look(IssuerService(name)).status;
  }

  const auth::TestingIssuer issuer_{"https://ci.example"};
  base::Mutex mutex_;
  bool down_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<core::Event> events_ ABSL_GUARDED_BY(mutex_);
  std::string log_ ABSL_GUARDED_BY(mutex_);
  base::FakeClock clock_;
  HealthBoard board_{{"a"}};
  auth::IssuerKeys keys_;
  IssuerThread issuers_;
  std::thread thread_;
};

TEST_F(IssuerThreadTest, HasTheFirstKeysAndRecordsThem) {
  Start({"ci"});
  ASSERT_TRUE(issuers_.WaitForFirst(kLong));
  EXPECT_OK(keys_.Find("ci", ""));
  EXPECT_EQ(On("ci"), Status::kServing);
  Stop();
  base::MutexLock lock(mutex_);
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(events_[0].type, core::EventType::kIssuerKeysChanged);
  EXPECT_EQ(events_[0].actor.subject, "server");
  EXPECT_EQ(events_[0].time, clock_.Now());
  const base::Json& details = events_[0].details;
  EXPECT_EQ(details.Find("issuer")->string(), "https://ci.example");
  EXPECT_EQ(details.Find("name")->string(), "ci");
  EXPECT_EQ(details.Find("source")->string(), "https://ci.example/jwks");
  ASSERT_EQ(details.Find("keys")->array().size(), 1u);
  const base::Json& key = details.Find("keys")->array()[0];
  EXPECT_EQ(key.Find("kid")->string(), "k1");
  EXPECT_EQ(key.Find("algorithms")->array()[0].string(), "ES256");
  EXPECT_EQ(key.Find("spkiSha256")->string().size(), 64u);
  EXPECT_EQ(*details.Find("added"),
            base::Json(base::Json::Array{*key.Find("thumbprint")}));
  EXPECT_TRUE(details.Find("removed")->array().empty());
  EXPECT_THAT(log_, HasSubstr("issuer_keys_changed"));
}

TEST_F(IssuerThreadTest, ADeadIssuerKeepsNoOtherAway) {
  Start({"ci", "dead", "people"});
  EXPECT_TRUE(Until([&] { return On("ci") == Status::kServing; }));
  EXPECT_TRUE(Until([&] { return On("people") == Status::kServing; }));
  EXPECT_EQ(On("dead"), Status::kNotServing);
  EXPECT_FALSE(issuers_.WaitForFirst(absl::ZeroDuration()));
  // And Stop does not wait for it: the destructor would not come back.
}

TEST_F(IssuerThreadTest, NeedsNoIssuer) {
  Start({});
  EXPECT_TRUE(issuers_.WaitForFirst(kLong));
  EXPECT_TRUE(issuers_.Levels().empty());
}

TEST_F(IssuerThreadTest, FetchesForAKeyThatSomebodyAsksFor) {
  Start({"ci"});
  ASSERT_TRUE(issuers_.WaitForFirst(kLong));
  clock_.Advance(absl::Seconds(20));
  EXPECT_FALSE(keys_.Find("ci", "k2").ok());
  // Looked for, in vain: now it is known not to be there.
  EXPECT_TRUE(Until([&] { return keys_.Find("ci", "k2").ok(); }));
}

TEST_F(IssuerThreadTest, TellsAFaultOnceAndItsEnd) {
  SetDown(true);
  Start({"ci"});
  EXPECT_TRUE(issuers_.WaitForFirst(kLong));
  EXPECT_EQ(On("ci"), Status::kNotServing);
  EXPECT_TRUE(Until([&] {
    return log().find("\"issuer_unreachable\"") != std::string::npos;
  }));
  EXPECT_THAT(log(), HasSubstr("\"tokens_taken\":false"));
  EXPECT_FALSE(issuers_.Levels()[0].up);
  EXPECT_EQ(issuers_.Levels()[0].key_age, absl::InfiniteDuration());
  SetDown(false);
  clock_.Advance(absl::Minutes(2));
  EXPECT_TRUE(Until([&] { return On("ci") == Status::kServing; }));
  EXPECT_TRUE(Until(
      [&] { return log().find("issuer_reachable") != std::string::npos; }));
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(issuers_.Levels()[0].up);
  EXPECT_EQ(issuers_.Levels()[0].key_age, absl::Seconds(30));
  // Keys that count still: a warning, and tokens are taken.
  SetDown(true);
  clock_.Advance(absl::Hours(2));
  EXPECT_TRUE(Until([&] { return On("ci") == Status::kNotServing; }));
  EXPECT_TRUE(Until([&] {
    return log().find("\"tokens_taken\":true") != std::string::npos;
  }));
  EXPECT_OK(keys_.Find("ci", ""));
  Stop();
  const std::string all = log();
  int told = 0;
  for (size_t at = 0; (at = all.find("issuer_unreachable", at)) != all.npos;
       ++at) {
    ++told;
  }
  EXPECT_EQ(told, 2) << all;
}

TEST_F(IssuerThreadTest, FollowsANewConfiguration) {
  Start({"ci"});
  ASSERT_TRUE(issuers_.WaitForFirst(kLong));
  Replace({"people"});
  EXPECT_TRUE(Until([&] { return On("people") == Status::kServing; }));
  EXPECT_EQ(On("ci"), Status::kUnknown);
}

TEST(KeysChangedEventTest, TellsWhatWasAddedAndRemoved) {
  const auth::IssuerKey a = {
      "a", "spki-a", "thumb-a", {auth::TokenAlgorithm::kRs256}};
  const auth::IssuerKey b = {"b", "spki-b", "thumb-b", {}};
  const auth::IssuerKey c = {"", "spki-c", "thumb-c", {}};
  auth::KeyChange change;
  change.before = auth::KeySet({a, b});
  change.keys = auth::KeySet({b, c});
  const core::Event event = KeysChangedEvent(change, absl::UnixEpoch());
  const auto texts = [&](const char* member) {
    std::vector<std::string> out;
    for (const base::Json& text : event.details.Find(member)->array()) {
      out.push_back(text.string());
    }
    return out;
  };
  EXPECT_THAT(texts("added"), ElementsAre("thumb-c"));
  EXPECT_THAT(texts("removed"), ElementsAre("thumb-a"));
}

}  // namespace
}  // namespace countersign::server
