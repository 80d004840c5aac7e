#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
    directory_ = mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const {
    return directory_ + "/" + name;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static mode_t Mode(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 07777;
  }

  std::string directory_;
};

TEST_F(FileTest, ReadsBackWhatIsWritten) {
  for (const size_t size : {0u, 1u, 65535u, 65536u, 65537u, 1000000u}) {
    std::string contents(size, '\0');
    for (size_t i = 0; i < size; ++i) contents[i] = static_cast<char>(i * 7);
    ASSERT_OK(WriteFileAtomically(Path("f"), contents));
    ASSERT_THAT(ReadFile(Path("f")), IsOkAndHolds(contents)) << size;
  }
}

TEST_F(FileTest, ReadsUpToTheLimitAndNotOneMore) {
  ASSERT_OK(WriteFileAtomically(Path("f"), "12345"));
  EXPECT_THAT(ReadFile(Path("f"), 5), IsOkAndHolds("12345"));
  EXPECT_THAT(
      ReadFile(Path("f"), 4),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(Path("f"))));
  ASSERT_OK(WriteFileAtomically(Path("f"), ""));
  EXPECT_THAT(ReadFile(Path("f"), 0), IsOkAndHolds(""));
}

TEST_F(FileTest, LimitStopsReadingWhatNeverEnds) {
  EXPECT_THAT(ReadFile("/dev/zero", 1 << 20),
              HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(FileTest, ErrorsNameThePath) {
  EXPECT_THAT(ReadFile(Path("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none"))));
  EXPECT_THAT(
      ReadFile(directory_),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(directory_)));
  EXPECT_THAT(WriteFileAtomically(Path("none/f"), "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(Path("none/f"))));
}

TEST_F(FileTest, NewFileGetsTheModeWhateverTheUmask) {
  const mode_t old = umask(077);
  EXPECT_OK(WriteFileAtomically(Path("a"), "x"));
  EXPECT_OK(WriteFileAtomically(Path("b"), "x", 0640));
  umask(0);
  EXPECT_OK(WriteFileAtomically(Path("c"), "x", 0600));
  umask(old);
  EXPECT_EQ(Mode(Path("a")), 0644u);
  EXPECT_EQ(Mode(Path("b")), 0640u);
  EXPECT_EQ(Mode(Path("c")), 0600u);
}

TEST_F(FileTest, ReplacingKeepsTheMode) {
  ASSERT_OK(WriteFileAtomically(Path("f"), "old", 0600));
  ASSERT_OK(WriteFileAtomically(Path("f"), "new", 0644));
  EXPECT_EQ(Mode(Path("f")), 0600u);
  EXPECT_THAT(ReadFile(Path("f")), IsOkAndHolds("new"));
}

TEST_F(FileTest, LeavesNothingBeside) {
  ASSERT_OK(WriteFileAtomically(Path("f"), "x"));
  ASSERT_OK(WriteFileAtomically(Path("f"), "y"));
  EXPECT_THAT(Names(), ElementsAre("f"));
}

TEST_F(FileTest, FailureLeavesTheOldThingAndNothingBeside) {
  // A directory in the target's place: the rename fails, after the writing.
  ASSERT_EQ(mkdir(Path("d").c_str(), 0755), 0);
  EXPECT_THAT(WriteFileAtomically(Path("d"), "x"), testing::Not(IsOk()));
  EXPECT_THAT(Names(), ElementsAre("d"));
  EXPECT_TRUE(std::filesystem::is_directory(Path("d")));
}

TEST_F(FileTest, WritesIntoAPipeAndLeavesItThere) {
  const std::string path = Path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);  // does not wait
  ASSERT_GE(fd, 0);
  EXPECT_OK(WriteFileAtomically(path, "x", 0600));
  char got = 0;
  EXPECT_EQ(read(fd, &got, 1), 1);
  EXPECT_EQ(got, 'x');
  close(fd);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  EXPECT_THAT(Names(), ElementsAre("pipe"));
}

TEST_F(FileTest, FollowsALinkAndLeavesItThere) {
  ASSERT_OK(WriteFileAtomically(Path("file"), "old", 0600));
  std::filesystem::create_symlink("file", Path("link"));
  EXPECT_OK(WriteFileAtomically(Path("link"), "new", 0600));
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_THAT(ReadFile(Path("file")), IsOkAndHolds("new"));
}

TEST_F(FileTest, AnOpenReaderKeepsTheOldContents) {
  ASSERT_OK(WriteFileAtomically(Path("f"), "old"));
  FILE* reader = fopen(Path("f").c_str(), "r");
  ASSERT_NE(reader, nullptr);
  ASSERT_OK(WriteFileAtomically(Path("f"), "new"));
  char octets[4] = {};
  EXPECT_EQ(fread(octets, 1, 3, reader), 3u);
  fclose(reader);
  EXPECT_STREQ(octets, "old");
}

TEST_F(FileTest, WritesBelowTheWorkingDirectory) {
  const std::filesystem::path old = std::filesystem::current_path();
  std::filesystem::current_path(directory_);
  EXPECT_OK(WriteFileAtomically("plain", "x"));
  std::filesystem::current_path(old);
  EXPECT_THAT(ReadFile(Path("plain")), IsOkAndHolds("x"));
}

}  // namespace
}  // namespace countersign::base
