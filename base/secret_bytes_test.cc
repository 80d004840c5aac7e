#include "base/secret_bytes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::HasSubstr;

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, std::string>);
static_assert(!std::is_convertible_v<SecretBytes, absl::string_view>);

TEST(SecretBytesTest, HoldsOctets) {
  const std::string octets("1\0\xff", 3);
  const SecretBytes secret(octets);
  EXPECT_EQ(secret.size(), 3u);
  EXPECT_FALSE(secret.empty());
  EXPECT_EQ(secret.DangerouslyExpose(), octets);
  EXPECT_TRUE(SecretBytes().empty());
  EXPECT_TRUE(SecretBytes("").empty());
  EXPECT_EQ(SecretBytes().DangerouslyExpose(), "");
}

TEST(SecretBytesTest, MovingLeavesNothingBehind) {
  SecretBytes a("secret");
  SecretBytes b(std::move(a));
  EXPECT_EQ(b.DangerouslyExpose(), "secret");
  EXPECT_TRUE(a.empty());  // NOLINT: what is left is the point
  EXPECT_EQ(a.DangerouslyExpose(), "");
  SecretBytes c("other");
  c = std::move(b);
  EXPECT_EQ(c.DangerouslyExpose(), "secret");
  EXPECT_TRUE(b.empty());  // NOLINT
  SecretBytes& same = c;
  c = std::move(same);
  EXPECT_EQ(c.DangerouslyExpose(), "secret");
}

TEST(SecretBytesTest, DestructorZeroesTheOctets) {
  // Reads the freed block on purpose, so only where no tool forbids that.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer owns freed memory";
#endif
#endif
  // Too large for the heap's own notes to reach its middle.
  const std::string pattern(4096, 'S');
  const volatile char* octets = nullptr;
  {
    const SecretBytes secret(pattern);
    octets = secret.DangerouslyExpose().data();
    ASSERT_EQ(octets[2048], 'S');
  }
  int left = 0;
  for (int i = 64; i < 4032; ++i) left += octets[i] == 'S';
  EXPECT_EQ(left, 0);
}

struct EqualsCase {
  const char* a;
  const char* b;
  bool want;
};

class EqualsTest : public testing::TestWithParam<EqualsCase> {};

TEST_P(EqualsTest, ComparesAllOctets) {
  const SecretBytes a(GetParam().a);
  const SecretBytes b(GetParam().b);
  EXPECT_EQ(a.ConstantTimeEquals(b), GetParam().want);
  EXPECT_EQ(b.ConstantTimeEquals(a), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Secrets, EqualsTest,
                         testing::Values(EqualsCase{"", "", true},
                                         EqualsCase{"1234", "1234", true},
                                         EqualsCase{"1234", "1235", false},
                                         EqualsCase{"1234", "0234", false},
                                         EqualsCase{"1234", "123", false},
                                         EqualsCase{"1234", "", false}));

class ReadSecretFileTest : public testing::Test {
 protected:
  ReadSecretFileTest() {
    std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/pin";
  }
  ~ReadSecretFileTest() override { std::filesystem::remove_all(directory_); }

  absl::StatusOr<std::string> Read(absl::string_view contents,
                                   int mode = 0600) {
    EXPECT_OK(WriteFileAtomically(path_, contents));
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    absl::StatusOr<SecretBytes> secret = ReadSecretFile(path_);
    if (!secret.ok()) return secret.status();
    return std::string(secret->DangerouslyExpose());
  }

  std::string directory_;
  std::string path_;
};

TEST_F(ReadSecretFileTest, TakesTheFirstLineWithoutItsNewline) {
  EXPECT_THAT(Read("1234"), IsOkAndHolds("1234"));
  EXPECT_THAT(Read("1234\n"), IsOkAndHolds("1234"));
  EXPECT_THAT(Read("1234\r\n"), IsOkAndHolds("1234"));
  EXPECT_THAT(Read("1234\nsecond\n"), IsOkAndHolds("1234"));
  EXPECT_THAT(Read(" 12 34 \n"), IsOkAndHolds(" 12 34 "));
  EXPECT_THAT(Read("1234\r"), IsOkAndHolds("1234\r"));
}

TEST_F(ReadSecretFileTest, TextIsAllOfTheFile) {
  EXPECT_THAT(Read("one\r\ntwo\n"), IsOkAndHolds("one"));
  ASSERT_OK_AND_ASSIGN(const SecretBytes text, ReadSecretText(path_));
  EXPECT_EQ(text.DangerouslyExpose(), "one\r\ntwo\n");
}

TEST_F(ReadSecretFileTest, TextHasTheSameRules) {
  EXPECT_THAT(Read("one\ntwo\n", 0640),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ReadSecretText(path_),
              HasCode(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(WriteFileAtomically(path_, ""));
  EXPECT_EQ(chmod(path_.c_str(), 0600), 0);
  EXPECT_THAT(ReadSecretText(path_),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReadSecretFileTest, RefusesEmptyFirstLine) {
  for (const char* contents : {"", "\n", "\r\n", "\n1234\n"}) {
    EXPECT_THAT(Read(contents), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("empty")));
  }
}

TEST_F(ReadSecretFileTest, RefusesEachModeThatOthersCanUse) {
  for (const int mode : {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0777}) {
    EXPECT_THAT(
        Read("1234\n", mode),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")))
        << std::oct << mode;
  }
}

TEST_F(ReadSecretFileTest, TakesEachModeOfTheOwnerAlone) {
  for (const int mode : {0600, 0400, 0700}) {
    EXPECT_THAT(Read("1234\n", mode), IsOkAndHolds("1234"));
  }
}

TEST_F(ReadSecretFileTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(ReadSecretFile(path_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

TEST_F(ReadSecretFileTest, RefusesWhatIsNoRegularFile) {
  EXPECT_THAT(
      ReadSecretFile(directory_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular")));
  // Without a writer; must neither hang nor read.
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(
      ReadSecretFile(path_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular")));
}

TEST_F(ReadSecretFileTest, LooksAtTheTargetOfALink) {
  ASSERT_THAT(Read("1234\n"), IsOkAndHolds("1234"));
  const std::string link = directory_ + "/link";
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_OK(ReadSecretFile(link));
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_THAT(ReadSecretFile(link),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ReadSecretFileTest, RefusesFileOfAnotherUser) {
  ASSERT_THAT(Read("1234\n"), IsOkAndHolds("1234"));
  if (chown(path_.c_str(), 12345, 12345) != 0) {
    GTEST_SKIP() << "only root can give a file away";
  }
  EXPECT_THAT(ReadSecretFile(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("another user")));
}

TEST_F(ReadSecretFileTest, RefusesMoreThanFourKibibytes) {
  EXPECT_THAT(Read(std::string(4096, '1')),
              IsOkAndHolds(std::string(4096, '1')));
  EXPECT_THAT(Read(std::string(4097, '1')),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Read("1234\n" + std::string(4096, '1')),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReadSecretFileTest, ErrorsDoNotHoldTheSecret) {
  const auto status = Read("hunter2\n", 0644).status();
  EXPECT_THAT(status.ToString(), testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace countersign::base
