#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/mutex.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    SetLogSink([this](const std::string& line) {
      MutexLock lock(mutex_);
      lines_.push_back(line);
    });
  }
  ~LogTest() override {
    SetLogSink(nullptr);
    SetLogThreshold(Severity::kInfo);
  }

  std::vector<std::string> Lines() {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(LogTest, WritesOneObjectWithFieldsInOrder) {
  Log(Severity::kWarning, "hsm.away", {{"token", "prod"}, {"attempt", 3}});
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0],
              testing::EndsWith(R"("severity":"WARNING","event":"hsm.away",)"
                                R"("token":"prod","attempt":3})"));
  ASSERT_OK_AND_ASSIGN(const Json line, ParseJson(Lines()[0]));
  std::vector<std::string> names;
  for (const auto& [name, value] : line.object()) names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre("time", "severity", "event", "token", "attempt"));
}

TEST_F(LogTest, TimeIsUtcWithMicroseconds) {
  const absl::Time before = absl::Now() - absl::Microseconds(1);
  Log(Severity::kInfo, "e");
  ASSERT_OK_AND_ASSIGN(const Json line, ParseJson(Lines().at(0)));
  const std::string text = line.Find("time")->string();
  EXPECT_THAT(text, MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:"
                                 "[0-9]{2}\\.[0-9]{6}Z"));
  absl::Time time;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  EXPECT_GE(time, before);
  EXPECT_LE(time, absl::Now());
}

TEST_F(LogTest, NamesEachSeverity) {
  SetLogThreshold(Severity::kDebug);
  for (const auto severity : {Severity::kDebug, Severity::kInfo,
                              Severity::kWarning, Severity::kError}) {
    Log(severity, "e");
  }
  EXPECT_THAT(Lines(),
              ElementsAre(HasSubstr("\"DEBUG\""), HasSubstr("\"INFO\""),
                          HasSubstr("\"WARNING\""), HasSubstr("\"ERROR\"")));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheThreshold) {
  Log(Severity::kDebug, "e");
  EXPECT_THAT(Lines(), IsEmpty());
  SetLogThreshold(Severity::kError);
  Log(Severity::kWarning, "e");
  EXPECT_THAT(Lines(), IsEmpty());
  Log(Severity::kError, "e");
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(LogTest, ForeignTextCannotForgeALine) {
  Log(Severity::kInfo, "e",
      {{"who", "x\n{\"severity\":\"ERROR\"}"}, {"bad", "\xff\x1b"}});
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines()[0].find('\n'), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const Json line, ParseJson(Lines()[0]));
  EXPECT_EQ(line.Find("who")->string(), "x\n{\"severity\":\"ERROR\"}");
}

TEST_F(LogTest, TakesLinesOfManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 100; ++j) Log(Severity::kInfo, "e", {{"j", j}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Lines(), SizeIs(400));
}

// With a pipe in the place of stderr.
TEST(LogToStderrTest, WritesWholeLinesOfManyThreads) {
  SetLogSink(nullptr);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const int old = dup(STDERR_FILENO);
  ASSERT_EQ(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 50; ++j) Log(Severity::kInfo, "e", {{"thread", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(dup2(old, STDERR_FILENO), STDERR_FILENO);
  close(old);
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  close(ends[0]);
  ASSERT_EQ(text.back(), '\n');
  text.pop_back();
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  EXPECT_THAT(lines, SizeIs(200));
  for (const std::string& line : lines) EXPECT_OK(ParseJson(line)) << line;
}

}  // namespace
}  // namespace countersign::base
