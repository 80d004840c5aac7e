#include "client/ocm/blob_files.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

std::string NewFolder() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return mkdtemp(pattern.data());
}

size_t CountIn(const std::string& folder) {
  return static_cast<size_t>(
      std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(BlobFilesTest, WritesAllOfThemUnderTheirNames) {
  const std::string folder = NewFolder();
  std::vector<std::string> octets;
  for (int i = 0; i < 300; ++i) octets.push_back(std::string(i * 10, 'a'));
  std::vector<BlobFile> files;
  for (size_t i = 0; i < octets.size(); ++i) {
    files.push_back({absl::StrCat(folder, "/", i), octets[i]});
  }
  ASSERT_OK(WriteBlobFiles(files));
  EXPECT_EQ(CountIn(folder), octets.size());
  for (const BlobFile& file : files) {
    EXPECT_THAT(base::ReadFile(file.path), base::IsOkAndHolds(file.octets));
  }
  struct stat info = {};
  ASSERT_EQ(stat(files[0].path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
  // Again, over what is there.
  EXPECT_OK(WriteBlobFiles(files));
  EXPECT_EQ(CountIn(folder), octets.size());
  EXPECT_OK(WriteBlobFiles({}));
}

TEST(BlobFilesTest, LeavesNothingBesideWhenOneCannotBeWritten) {
  const std::string folder = NewFolder();
  EXPECT_THAT(WriteBlobFiles({{folder + "/a", "1"}, {folder + "/no/b", "2"}}),
              base::HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(CountIn(folder), 0u);
  // A folder stands in the place of one.
  std::filesystem::create_directory(folder + "/taken");
  EXPECT_FALSE(
      WriteBlobFiles({{folder + "/taken", "1"}, {folder + "/z", "2"}}).ok());
  EXPECT_EQ(CountIn(folder), 1u);
}

}  // namespace
}  // namespace countersign::client
