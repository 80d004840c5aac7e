// Invariants 1 to 3 under crashes: the server's machinery (pipeline, SQLite,
// a PKCS#11 token) runs the main job in a child that is killed at each commit
// point in turn, before it and after it; then the store is examined, a new
// child finishes the job, and the store is examined again.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/log_key.h"
#include "base/status_matchers.h"
#include "core/product.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hsm/softhsm_token.h"
#include "storage/sqlite_store.h"
#include "tests/crash/invariants.h"
#include "tests/crash/journal.h"
#include "tests/crash/scenario.h"

namespace countersign::crash {
namespace {

constexpr char kVictim[] = "tests/crash/crash_victim";
// More than the scenario commits; the loops end when a child survives.
constexpr int kMostCommits = 100;

class CrashTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(token_, hsm::SoftHsmToken::Create());
    folder_ = absl::StrCat(testing::TempDir(), "/crash-XXXXXX");
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    // The children inherit where the token is.
    setenv("CRASH_MODULE", hsm::kSoftHsmModule, 1);
    setenv("CRASH_PIN_FILE", token_->pin_file().c_str(), 1);
    const std::string key = absl::StrCat(folder_, "/log.key");
    ASSERT_EQ(system(absl::StrCat("openssl genpkey -algorithm ed25519 -out ",
                                  key, " && chmod 0600 ", key)
                         .c_str()),
              0);
    ASSERT_OK_AND_ASSIGN(auto signer,
                         audit::LoadLogKey(key, "crash.example/log"));
    verifier_ = std::make_unique<audit::NoteVerifier>(signer.verifier());
  }

  // Its wait status.
  int RunVictim(int commit) {
    const std::string number = std::to_string(commit);
    const pid_t pid = fork();
    if (pid == 0) {
      execl(kVictim, kVictim, folder_.c_str(), number.c_str(), GetParam(),
            nullptr);
      _exit(127);
    }
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return status;
  }
  static bool WasKilled(int status) {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  static bool Finished(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  // The store as it is now; nothing may be broken, and no leaf that was there
  // before may be gone or changed.
  void ExamineStore() {
    ASSERT_OK_AND_ASSIGN(auto store, storage::SqliteStore::Open(
                                         absl::StrCat(folder_, "/store.db")));
    ASSERT_OK_AND_ASSIGN(
        findings_,
        Examine(*store, ReadJournal(absl::StrCat(folder_, "/journal")),
                *verifier_));
    EXPECT_THAT(findings_.broken, testing::IsEmpty());
    ASSERT_GE(findings_.leaves.size(), leaves_.size()) << "leaves were lost";
    for (size_t i = 0; i < leaves_.size(); ++i) {
      EXPECT_EQ(findings_.leaves[i], leaves_[i]) << "leaf " << i;
    }
    leaves_ = findings_.leaves;
  }

  // All that was asked for has come to its end, once.
  void ExpectAllDone() {
    std::map<std::string, core::RequestState> states;
    for (const auto& request : findings_.requests) {
      EXPECT_TRUE(states.emplace(request.request_id, request.state).second)
          << request.request_id << " is there twice";
    }
    for (const ExpectedRequest& expected : ExpectedRequests()) {
      ASSERT_EQ(states.count(expected.request_id), 1u) << expected.request_id;
      EXPECT_EQ(core::ToString(states[expected.request_id]),
                core::ToString(expected.state))
          << expected.request_id;
    }
    EXPECT_EQ(states.size(), ExpectedRequests().size());
  }

  // From nothing again, with the same token.
  void StartAnew() {
    for (const char* file : {"store.db", "store.db-wal", "store.db-shm",
                             "store.db.lock", "journal"}) {
      unlink(absl::StrCat(folder_, "/", file).c_str());
    }
    leaves_.clear();
  }

  std::unique_ptr<hsm::SoftHsmToken> token_;
  std::string folder_;
  std::unique_ptr<audit::NoteVerifier> verifier_;
  Findings findings_;
  std::vector<std::string> leaves_;
};

TEST_P(CrashTest, LosesNothingAtAnyCommitPoint) {
  int points = 0;
  for (int commit = 1; commit <= kMostCommits; ++commit) {
    SCOPED_TRACE(absl::StrCat("killed ", GetParam(), " commit ", commit));
    StartAnew();
    const int status = RunVictim(commit);
    if (Finished(status)) break;
    ASSERT_TRUE(WasKilled(status)) << status;
    ++points;
    ASSERT_NO_FATAL_FAILURE(ExamineStore());
    ASSERT_TRUE(Finished(RunVictim(0)));
    ASSERT_NO_FATAL_FAILURE(ExamineStore());
    ASSERT_NO_FATAL_FAILURE(ExpectAllDone());
  }
  // Two products' steps, five requests, two signatures each side, the tree.
  EXPECT_GE(points, 15);
  EXPECT_LT(points, kMostCommits);
}

// Crashes upon crashes, recovery included: each child gets one commit further.
// (The same commit each time would not do: asking again for what is there takes
// a commit too.)
TEST_P(CrashTest, ComesToTheEndThoughEachStartCrashes) {
  int status = 0;
  int starts = 0;
  for (; starts < kMostCommits; ++starts) {
    status = RunVictim(starts + 1);
    ASSERT_NO_FATAL_FAILURE(ExamineStore());
    if (Finished(status)) break;
    ASSERT_TRUE(WasKilled(status)) << status;
  }
  EXPECT_TRUE(Finished(status)) << "no end after " << starts << " starts";
  EXPECT_GE(starts, 5);
  ExpectAllDone();
}

INSTANTIATE_TEST_SUITE_P(, CrashTest, testing::Values("before", "after"),
                         [](const auto& param) {
                           return std::string(param.param) == "after"
                                      ? "AfterIt"
                                      : "BeforeIt";
                         });

}  // namespace
}  // namespace countersign::crash
