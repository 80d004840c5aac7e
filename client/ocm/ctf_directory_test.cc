#include "client/ocm/ctf_directory.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

constexpr char kIndex[] = "{\"schemaVersion\":1,\"artifacts\":[]}";
constexpr char kNewIndex[] = "{\"schemaVersion\":1,\"artifacts\":[],\"x\":1}";

class CtfDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = absl::StrCat(testing::TempDir(), "/", test->name());
    WriteFiles(path_, {{"artifact-index.json", kIndex}});
    auto opened = CtfDirectory::Open(path_);
    ASSERT_OK(opened);
    directory_ = *std::move(opened);
  }

  std::string path_;
  std::unique_ptr<CtfStorage> directory_;
};

TEST_F(CtfDirectoryTest, WritesBlobsAndThenTheIndex) {
  ASSERT_OK(directory_->Replace(kIndex, kNewIndex, {"blob", "other"}));
  EXPECT_THAT(directory_->ReadIndex(), base::IsOkAndHolds(kNewIndex));
  EXPECT_THAT(directory_->GetBlob(Sha256Reference("blob"), 100),
              base::IsOkAndHolds("blob"));
  EXPECT_THAT(base::ReadFile(absl::StrCat(
                  path_, "/", CtfBlobName(Sha256Reference("other")))),
              base::IsOkAndHolds("other"));
}

TEST_F(CtfDirectoryTest, MakesTheFolderOfBlobs) {
  ASSERT_EQ(rename((path_ + "/blobs").c_str(), (path_ + "/gone").c_str()), 0);
  ASSERT_OK(directory_->Replace(kIndex, kNewIndex, {"blob"}));
  EXPECT_THAT(directory_->GetBlob(Sha256Reference("blob"), 100),
              base::IsOkAndHolds("blob"));
}

TEST_F(CtfDirectoryTest, LeavesTheIndexWhereABlobCannotBeWritten) {
  ASSERT_EQ(rename((path_ + "/blobs").c_str(), (path_ + "/gone").c_str()), 0);
  WriteFiles(path_ + "/x", {});
  ASSERT_OK(base::WriteFileAtomically(path_ + "/blobs", "no folder"));
  EXPECT_THAT(directory_->Replace(kIndex, kNewIndex, {"blob"}),
              base::HasReason("REPOSITORY_IO"));
  EXPECT_THAT(directory_->ReadIndex(), base::IsOkAndHolds(kIndex));
}

TEST_F(CtfDirectoryTest, RefusesWhereTheIndexIsAnotherOne) {
  EXPECT_THAT(directory_->Replace(kNewIndex, kIndex, {"blob"}),
              base::HasReason("CTF_CHANGED"));
  EXPECT_THAT(directory_->ReadIndex(), base::IsOkAndHolds(kIndex));
  EXPECT_THAT(directory_->GetBlob(Sha256Reference("blob"), 100),
              base::HasReason("BLOB_UNKNOWN"));
}

TEST_F(CtfDirectoryTest, KeepsTheModeOfTheIndex) {
  const std::string name = path_ + "/artifact-index.json";
  ASSERT_EQ(chmod(name.c_str(), 0600), 0);
  ASSERT_OK(directory_->Replace(kIndex, kNewIndex, {}));
  struct stat info = {};
  ASSERT_EQ(stat(name.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(CtfDirectoryTest, BoundsWhatIsReadWhole) {
  ASSERT_OK(directory_->Replace(kIndex, kNewIndex, {"12345"}));
  EXPECT_THAT(directory_->GetBlob(Sha256Reference("12345"), 4),
              base::HasReason("BLOB_TOO_LARGE"));
}

}  // namespace
}  // namespace countersign::client
