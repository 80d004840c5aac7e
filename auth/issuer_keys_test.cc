#include "auth/issuer_keys.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auth/testing_issuer.h"
#include "base/error.h"
#include "base/fake_clock.h"
#include "base/mutex.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Jwks(const std::vector<std::string>& ids) {
  static auto& made = *new std::map<std::string, TestingKey>();
  std::vector<base::Json> out;
  for (const std::string& id : ids) {
    const auto key = made.emplace(id, TestingKey::Make("P-256")).first;
    out.push_back(key->second.Jwk(id));
  }
  return JwksText(out);
}

std::vector<std::string> Ids(const KeySet& keys) {
  std::vector<std::string> out;
  for (const IssuerKey& key : keys.keys()) out.push_back(key.id);
  return out;
}

TokenIssuer Issuer(const std::string& name) {
  TokenIssuer issuer;
  issuer.name = name;
  issuer.issuer = absl::StrCat("https://", name, ".example");
  return issuer;
}

class IssuerKeysTest : public testing::Test {
 protected:
  IssuerKeysTest()
      : keys_(IssuerKeys::Options(), clock_,
              [this](const TokenIssuer& issuer, const std::function<bool()>&) {
                ++fetches_;
                if (during_) during_();
                return answers_.at(issuer.name);
              }) {
    Answer("ci", {"k1"});
    keys_.Replace({Issuer("ci")});
    keys_.OnWanted([this] { ++wakes_; });
  }

  void Answer(const std::string& name, const std::vector<std::string>& ids,
              absl::Duration max_age = absl::ZeroDuration()) {
    answers_[name] = IssuerKeys::Fetched{
        Jwks(ids), absl::StrCat("https://", name, ".example/jwks"), max_age};
  }
  void Down(const std::string& name) {
    answers_[name] = absl::UnavailableError("down");
  }
  // What the server's thread does, once. The names that were due.
  std::vector<std::string> Run() {
    const std::vector<std::string> due = keys_.TakeDue();
    for (const std::string& name : due) {
      keys_.FetchTaken(name, [this](const KeyChange& change) {
        changes_.push_back(change);
        return recording_;
      });
    }
    return due;
  }
  // Moves to when something is due, and does it.
  absl::Duration RunNext() {
    const absl::Duration until = keys_.UntilDue();
    clock_.Advance(until);
    EXPECT_FALSE(Run().empty());
    return until;
  }
  absl::Duration RetryDelay(const absl::Status& status) {
    EXPECT_EQ(base::GetReason(status), "ISSUER_KEYS_UNAVAILABLE");
    const auto details = base::GetErrorDetails(status);
    return details && details->retry_delay ? *details->retry_delay
                                           : absl::InfiniteDuration();
  }
  std::vector<std::string> Known() {
    const auto keys = keys_.Find("ci", "");
    return keys.ok() ? Ids(**keys) : std::vector<std::string>{"none"};
  }
  IssuerHealth Health() { return keys_.Health().at(0); }

  base::FakeClock clock_;
  std::map<std::string, absl::StatusOr<IssuerKeys::Fetched>> answers_;
  std::vector<KeyChange> changes_;
  absl::Status recording_;
  std::function<void()> during_;
  int fetches_ = 0;
  int wakes_ = 0;
  IssuerKeys keys_;
};

TEST_F(IssuerKeysTest, HasNoneBeforeTheFirstFetch) {
  EXPECT_EQ(keys_.UntilDue(), absl::ZeroDuration());
  EXPECT_FALSE(Health().ready);
  EXPECT_FALSE(Health().reachable);
  EXPECT_EQ(Health().message, "not fetched yet");
  EXPECT_EQ(RetryDelay(keys_.Find("ci", "").status()), absl::Milliseconds(200));
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_THAT(Known(), ElementsAre("k1"));
  EXPECT_TRUE(Health().ready);
  EXPECT_TRUE(Health().reachable);
  EXPECT_EQ(Health().message, "");
  EXPECT_EQ(Health().fetch_time, clock_.Now());
}

TEST_F(IssuerKeysTest, TellsEachChangeOnce) {
  Run();
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_EQ(changes_[0].issuer_name, "ci");
  EXPECT_EQ(changes_[0].issuer, "https://ci.example");
  EXPECT_EQ(changes_[0].source, "https://ci.example/jwks");
  EXPECT_THAT(Ids(changes_[0].keys), ElementsAre("k1"));
  EXPECT_THAT(Ids(changes_[0].before), IsEmpty());
  RunNext();
  EXPECT_EQ(changes_.size(), 1u);
  Answer("ci", {"k2", "k1"});
  RunNext();
  ASSERT_EQ(changes_.size(), 2u);
  EXPECT_THAT(Ids(changes_[1].before), ElementsAre("k1"));
  EXPECT_THAT(Ids(changes_[1].keys), ElementsAre("k2", "k1"));
}

TEST_F(IssuerKeysTest, RefreshesByWhatTheIssuerSays) {
  const std::pair<absl::Duration, absl::Duration> rows[] = {
      {absl::ZeroDuration(), absl::Hours(1)},
      {absl::Seconds(1), absl::Minutes(5)},
      {absl::Minutes(10), absl::Minutes(10)},
      // Half of max_key_age: an outage must not meet old keys.
      {absl::Hours(1000), absl::Hours(12)},
  };
  for (const auto& [said, expected] : rows) {
    Answer("ci", {"k1"}, said);
    RunNext();
    EXPECT_EQ(keys_.UntilDue(), expected) << said;
  }
}

TEST_F(IssuerKeysTest, KeysThatVanishStopCounting) {
  Answer("ci", {"k1", "k2"});
  Run();
  Answer("ci", {"k2"});
  RunNext();
  EXPECT_THAT(Known(), ElementsAre("k2"));
  Answer("ci", {});
  RunNext();
  EXPECT_THAT(Known(), IsEmpty());
  EXPECT_FALSE(Health().ready);
  EXPECT_TRUE(Health().reachable);
  EXPECT_THAT(Health().message, HasSubstr("no key"));
}

TEST_F(IssuerKeysTest, SurvivesAnOutageAndThenFailsClosed) {
  Run();
  Down("ci");
  const absl::Time had = clock_.Now();
  absl::Duration before = absl::ZeroDuration();
  RunNext();
  std::vector<absl::Duration> pauses;
  while (clock_.Now() - had <= absl::Hours(24)) {
    EXPECT_THAT(Known(), ElementsAre("k1")) << clock_.Now() - had;
    EXPECT_TRUE(Health().ready);
    EXPECT_FALSE(Health().reachable);
    EXPECT_EQ(Health().message, "down");
    EXPECT_EQ(Health().fetch_time, had);
    before = RunNext();
    if (pauses.size() < 8)
      pauses.push_back(before / absl::Seconds(1) * absl::Seconds(1));
  }
  EXPECT_THAT(pauses, ElementsAre(absl::Seconds(2), absl::Seconds(4),
                                  absl::Seconds(8), absl::Seconds(16),
                                  absl::Seconds(32), absl::Minutes(1),
                                  absl::Minutes(1), absl::Minutes(1)));
  EXPECT_THAT(Known(), ElementsAre("none"));
  EXPECT_FALSE(Health().ready);
  EXPECT_EQ(RetryDelay(keys_.Find("ci", "k1").status()), absl::Seconds(30));
  // Back: nothing changed, so nothing is told.
  Answer("ci", {"k1"});
  RunNext();
  EXPECT_THAT(Known(), ElementsAre("k1"));
  EXPECT_EQ(changes_.size(), 1u);
}

TEST_F(IssuerKeysTest, KeepsOldKeysWhereTheNewDocumentIsBroken) {
  Run();
  for (const char* broken : {"", "[]", "<html>", R"({"keys":{}})"}) {
    answers_["ci"] = IssuerKeys::Fetched{broken, "https://ci.example/jwks", {}};
    RunNext();
    EXPECT_THAT(Known(), ElementsAre("k1"));
    EXPECT_FALSE(Health().reachable) << broken;
    EXPECT_THAT(Health().message, HasSubstr("https://ci.example/jwks: "));
  }
  EXPECT_EQ(changes_.size(), 1u);
}

TEST_F(IssuerKeysTest, FetchesForAnUnknownKeyAndAnswersMeanwhile) {
  Run();
  clock_.Advance(absl::Minutes(1));
  Answer("ci", {"k1", "k2"});
  const absl::Status status = keys_.Find("ci", "k2").status();
  EXPECT_EQ(RetryDelay(status), absl::Milliseconds(200));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(keys_.UntilDue(), absl::ZeroDuration());
  during_ = [this] {
    EXPECT_EQ(RetryDelay(keys_.Find("ci", "k2").status()),
              absl::Milliseconds(200));
  };
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_OK(keys_.Find("ci", "k2"));
  EXPECT_EQ(fetches_, 2);
  EXPECT_EQ(keys_.UntilDue(), absl::Hours(1)) << "nobody waits any longer";
}

TEST_F(IssuerKeysTest, RemembersKeysThatWereNotThere) {
  Run();
  clock_.Advance(absl::Minutes(1));
  EXPECT_FALSE(keys_.Find("ci", "made-up").ok());
  Run();
  // Refused by those that there are, without another fetch.
  EXPECT_OK(keys_.Find("ci", "made-up"));
  EXPECT_EQ(keys_.UntilDue(), absl::Hours(1));
  clock_.Advance(absl::Minutes(1));
  EXPECT_FALSE(keys_.Find("ci", "made-up").ok()) << "but not for ever";
}

TEST_F(IssuerKeysTest, BoundsWhatMadeUpKeysCost) {
  Run();
  clock_.Advance(absl::Minutes(1));
  const absl::Time start = clock_.Now();
  int made_up = 0;
  while (clock_.Now() < start + absl::Minutes(5)) {
    for (int i = 0; i < 100; ++i) {
      keys_.Find("ci", absl::StrCat("x", ++made_up)).status().IgnoreError();
    }
    clock_.Advance(absl::Milliseconds(500));
    Run();
  }
  EXPECT_LE(fetches_, 2 + 5 * 6);
  EXPECT_GE(fetches_, 5 * 6 - 2);
  // A real one is found amid all of them.
  Answer("ci", {"k1", "k2"});
  EXPECT_LE(RetryDelay(keys_.Find("ci", "k2").status()), absl::Seconds(11));
  clock_.Advance(absl::Seconds(11));
  Run();
  EXPECT_OK(keys_.Find("ci", "k2"));
  // No id is kept that is longer than any issuer's.
  EXPECT_OK(keys_.Find("ci", std::string(10000, 'x')));
}

TEST_F(IssuerKeysTest, AFailureHoldsThoseWhoWaitToo) {
  Run();
  Down("ci");
  clock_.Advance(absl::Minutes(1));
  EXPECT_FALSE(keys_.Find("ci", "k2").ok());
  Run();
  EXPECT_EQ(RetryDelay(keys_.Find("ci", "k2").status()),
            absl::Seconds(2) + absl::Milliseconds(200));
  EXPECT_THAT(Run(), IsEmpty());
  EXPECT_OK(keys_.Find("ci", "k1"));
}

TEST_F(IssuerKeysTest, WhoAsksDuringAFetchIsNotJudgedByIt) {
  Run();
  clock_.Advance(absl::Minutes(1));
  EXPECT_FALSE(keys_.Find("ci", "k2").ok());
  during_ = [this] { EXPECT_FALSE(keys_.Find("ci", "k3").ok()); };
  Run();
  during_ = nullptr;
  EXPECT_OK(keys_.Find("ci", "k2"));
  EXPECT_FALSE(keys_.Find("ci", "k3").ok());
  Answer("ci", {"k1", "k3"});
  EXPECT_EQ(RunNext(), absl::Seconds(10));
  EXPECT_OK(keys_.Find("ci", "k3"));
}

TEST_F(IssuerKeysTest, OnlyOneFetchesAnIssuerAtATime) {
  during_ = [this] { EXPECT_THAT(keys_.TakeDue(), IsEmpty()); };
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_EQ(fetches_, 1);
}

TEST_F(IssuerKeysTest, NewKeysDoNotCountBeforeTheyAreRecorded) {
  Answer("ci", {"k1", "k2"});
  Run();
  Answer("ci", {"k2", "k3"});
  recording_ = absl::UnavailableError("disk full");
  RunNext();
  EXPECT_THAT(Known(), ElementsAre("k2")) << "k1 has vanished all the same";
  EXPECT_EQ(Health().message, "disk full");
  recording_ = absl::OkStatus();
  EXPECT_EQ(RunNext(), absl::Seconds(2));
  EXPECT_THAT(Known(), ElementsAre("k2", "k3"));
  EXPECT_THAT(Ids(changes_.back().before), ElementsAre("k1", "k2"));
}

TEST_F(IssuerKeysTest, ReadsFilesOften) {
  TokenIssuer issuer = Issuer("ci");
  issuer.keys.jwks_file = "/jwks";
  keys_.Replace({issuer});
  EXPECT_EQ(wakes_, 1);
  Run();
  Answer("ci", {"k2"}, absl::Hours(2));
  EXPECT_EQ(RunNext(), absl::Seconds(2));
  EXPECT_THAT(Known(), ElementsAre("k2"));
  Down("ci");
  RunNext();
  EXPECT_EQ(RunNext(), absl::Seconds(2)) << "a disk needs no patience";
}

TEST_F(IssuerKeysTest, KeepsKeysOfIssuersThatStay) {
  Run();
  TokenIssuer issuer = Issuer("ci");
  issuer.audiences = {"other"};
  Answer("new", {"n1"});
  keys_.Replace({issuer, Issuer("new")});
  EXPECT_THAT(Known(), ElementsAre("k1"));
  EXPECT_THAT(Run(), ElementsAre("new"));
  // Another source: nothing of the old one counts.
  issuer.keys.discovery_url = "https://elsewhere.example";
  keys_.Replace({issuer});
  EXPECT_THAT(Known(), ElementsAre("none"));
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_EQ(changes_.size(), 2u) << "but the same keys are no change";
  EXPECT_EQ(RetryDelay(keys_.Find("new", "").status()),
            absl::Milliseconds(200));
}

TEST_F(IssuerKeysTest, DropsWhatWasFetchedForAnIssuerThatIsGone) {
  during_ = [this] {
    TokenIssuer issuer = Issuer("ci");
    issuer.keys.discovery_url = "https://elsewhere.example";
    keys_.Replace({issuer});
  };
  Run();
  during_ = nullptr;
  EXPECT_THAT(Known(), ElementsAre("none"));
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_THAT(Known(), ElementsAre("k1"));
}

TEST_F(IssuerKeysTest, FetchesWhereTheClockWasSetBack) {
  Run();
  clock_.Advance(-absl::Hours(240));
  EXPECT_THAT(Run(), ElementsAre("ci"));
  EXPECT_EQ(Health().fetch_time, clock_.Now());
  // And while it is down, keys do not live longer for it.
  clock_.Advance(-absl::Hours(240));
  Down("ci");
  Run();
  clock_.Advance(absl::Hours(25));
  EXPECT_THAT(Known(), ElementsAre("none"));
}

// For ThreadSanitizer, and that nothing is lost: callers, fetchers and new
// configurations at the same time.
TEST(IssuerKeysThreadTest, FindsFetchesAndReplacesInParallel) {
  base::FakeClock clock;
  std::atomic<int> round{0};
  IssuerKeys::Options options;
  options.unknown_key_pause = absl::ZeroDuration();
  IssuerKeys keys(
      options, clock,
      [&](const TokenIssuer& issuer, const std::function<bool()>&) {
        return IssuerKeys::Fetched{
            Jwks(round.load() % 2 == 0 ? std::vector<std::string>{"a"}
                                       : std::vector<std::string>{"a", "b"}),
            issuer.issuer, absl::ZeroDuration()};
      });
  Jwks({"a", "b"});  // made before there are threads
  keys.Replace({Issuer("ci"), Issuer("people")});
  keys.OnWanted([&] { clock.Advance(absl::Seconds(1)); });
  std::atomic<bool> stop{false};
  std::atomic<int> recorded{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        for (const std::string& name : keys.TakeDue()) {
          keys.FetchTaken(name, [&](const KeyChange&) {
            ++recorded;
            return absl::OkStatus();
          });
        }
        ++round;
        clock.Advance(absl::Minutes(2));
        keys.UntilDue();
      }
    });
    threads.emplace_back([&, i] {
      for (int n = 0; n < 300; ++n) {
        const auto found =
            keys.Find(i == 0 ? "ci" : "people", n % 2 ? "b" : "");
        EXPECT_TRUE(!found.ok() || (*found)->Find("a") != nullptr);
        keys.Health();
      }
    });
  }
  for (int n = 0; n < 100; ++n) {
    TokenIssuer issuer = Issuer("people");
    if (n % 3 == 0) issuer.keys.discovery_url = "https://x.example";
    keys.Replace({Issuer("ci"), issuer});
  }
  threads[1].join();
  threads[3].join();
  while (recorded.load() == 0) std::this_thread::yield();
  stop = true;
  threads[0].join();
  threads[2].join();
}

}  // namespace
}  // namespace countersign::auth
