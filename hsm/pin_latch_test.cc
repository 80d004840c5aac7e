#include "hsm/pin_latch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

using testing::HasSubstr;
using testing::Not;

class PinLatchTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(getenv("TEST_TMPDIR"), "/latch-XXXXXX");
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
    latch_ = std::make_unique<PinLatch>(directory_ + "/pin.latch");
  }

  absl::Status Set(absl::string_view pin) {
    return latch_->Set(kRecord, base::SecretBytes(pin), random_);
  }
  absl::Status Check(absl::string_view pin) {
    return latch_->Check("test", base::SecretBytes(pin));
  }

  const LatchRecord kRecord{"test", "0123", "CKR_PIN_INCORRECT",
                            absl::FromUnixSeconds(1767323045)};
  std::string directory_;
  std::unique_ptr<PinLatch> latch_;
  base::FakeRandom random_;
};

TEST_F(PinLatchTest, WithoutOneEveryPinMayBeTried) {
  EXPECT_OK(Check("1234"));
  ASSERT_OK_AND_ASSIGN(const auto record, latch_->Describe());
  EXPECT_FALSE(record.has_value());
  EXPECT_OK(latch_->CheckWritable());
}

TEST_F(PinLatchTest, HoldsAgainstThatPinAndNoOther) {
  ASSERT_OK(Set("1234"));
  EXPECT_THAT(Check("1234"), base::HasReason("PIN_LATCHED"));
  EXPECT_OK(Check("12345"));
  EXPECT_OK(Check(""));
}

TEST_F(PinLatchTest, OutlivesWhoSetIt) {
  ASSERT_OK(Set("1234"));
  const PinLatch other(latch_->path());
  EXPECT_THAT(other.Check("test", base::SecretBytes("1234")),
              base::HasReason("PIN_LATCHED"));
}

TEST_F(PinLatchTest, TellsWhatHappenedAndHowToGoOn) {
  ASSERT_OK(Set("1234"));
  EXPECT_THAT(Check("1234"),
              base::StatusIs(absl::StatusCode::kFailedPrecondition,
                             testing::AllOf(HasSubstr("CKR_PIN_INCORRECT"),
                                            HasSubstr("2026-01-02T03:04:05"),
                                            HasSubstr(latch_->path()))));
  ASSERT_OK_AND_ASSIGN(const auto record, latch_->Describe());
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->token_label, "test");
  EXPECT_EQ(record->token_serial, "0123");
  EXPECT_EQ(record->ckr, "CKR_PIN_INCORRECT");
  EXPECT_EQ(record->set_at, kRecord.set_at);
}

TEST_F(PinLatchTest, KeepsNoPinAndIsForItsOwnerAlone) {
  ASSERT_OK(Set("87654321"));
  ASSERT_OK_AND_ASSIGN(const std::string text, base::ReadFile(latch_->path()));
  EXPECT_THAT(text, Not(HasSubstr("87654321")));
  struct stat info = {};
  ASSERT_EQ(stat(latch_->path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(PinLatchTest, SaltsEachHash) {
  ASSERT_OK(Set("1234"));
  ASSERT_OK_AND_ASSIGN(const std::string one, base::ReadFile(latch_->path()));
  ASSERT_OK(Set("1234"));
  ASSERT_OK_AND_ASSIGN(const std::string two, base::ReadFile(latch_->path()));
  EXPECT_NE(one, two);
}

TEST_F(PinLatchTest, IsCleared) {
  ASSERT_OK(Set("1234"));
  ASSERT_OK_AND_ASSIGN(const bool was_there, latch_->Clear());
  EXPECT_TRUE(was_there);
  EXPECT_OK(Check("1234"));
  ASSERT_OK_AND_ASSIGN(const bool still, latch_->Clear());
  EXPECT_FALSE(still);
}

TEST_F(PinLatchTest, WhereItCannotBeWrittenNoPinIsTried) {
  const PinLatch nowhere(directory_ + "/missing/pin.latch");
  EXPECT_THAT(nowhere.CheckWritable(), base::HasReason("LATCH_UNUSABLE"));
  EXPECT_THAT(std::string(nowhere.CheckWritable().message()),
              HasSubstr("/missing/pin.latch"));
  EXPECT_FALSE(nowhere.Set(kRecord, base::SecretBytes("1"), random_).ok());
}

TEST_F(PinLatchTest, TheProbeLeavesNothingBehind) {
  ASSERT_OK(latch_->CheckWritable());
  EXPECT_EQ(rmdir(directory_.c_str()), 0);
}

TEST_F(PinLatchTest, IsFoundBesideThePinFileUnlessSaidOtherwise) {
  EXPECT_EQ(PinLatch::PathFor("/p/pin", ""), "/p/pin.latch");
  EXPECT_EQ(PinLatch::PathFor("/p/pin", "/var/l"), "/var/l");
}

// What cannot be understood holds against every PIN.
class BrokenLatchTest : public PinLatchTest,
                        public testing::WithParamInterface<const char*> {};

TEST_P(BrokenLatchTest, HoldsAgainstEveryPin) {
  std::ofstream(latch_->path()) << GetParam();
  EXPECT_THAT(Check("1234"), base::HasReason("LATCH_UNUSABLE"));
  EXPECT_THAT(latch_->Describe(), base::HasReason("LATCH_UNUSABLE"));
  EXPECT_OK(latch_->Clear());
  EXPECT_OK(Check("1234"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenLatchTest,
    testing::Values("", "not JSON", "[]", "{}", R"({"version":2})",
                    R"({"version":1})",
                    R"({"version":1,"time":"2026-01-02T03:04:05Z"})",
                    R"({"version":1,"time":"2026-01-02T03:04:05Z",
                        "salt":"00","hash":"zz"})"));

}  // namespace
}  // namespace countersign::hsm
