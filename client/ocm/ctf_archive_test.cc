#include "client/ocm/ctf_archive.h"

#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "client/ocm/archive_reader.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

constexpr char kIndex[] = "{\"schemaVersion\":1,\"artifacts\":[]}";
constexpr char kNewIndex[] = "{\"schemaVersion\":1,\"artifacts\":[],\"x\":1}";

class CtfArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = absl::StrCat(testing::TempDir(), "/", test->name());
    path_ = folder_ + "/x";
    options_.spool_folder = testing::TempDir();
  }

  std::unique_ptr<CtfStorage> Open(const std::string& octets) {
    WriteFiles(folder_, {{"x", octets}});
    return Open();
  }
  std::unique_ptr<CtfStorage> Open() {
    auto archive = CtfArchive::Open(path_, options_);
    EXPECT_OK(archive);
    return archive.ok() ? *std::move(archive) : nullptr;
  }
  std::string Octets() { return base::ReadFile(path_).value_or(""); }

  // As a tool that puts blobs first, and something of its own.
  std::string OldTar() {
    return MakeTar(std::vector<TarMember>{
        {absl::StrCat("./blobs/sha256.", std::string(64, '0')), "wrong"},
        {"note.txt", "keep me"},
        {"artifact-index.json", kIndex}});
  }

  std::string folder_, path_;
  CtfArchiveOptions options_;
};

TEST_F(CtfArchiveTest, WritesTheIndexFirstAndEverythingElseAsItWas) {
  const auto archive = Open(OldTar());
  ASSERT_OK(archive->Replace(kIndex, kNewIndex, {"blob"}));
  const std::string tar = Octets();
  ASSERT_OK_AND_ASSIGN(const auto reader, ArchiveReader::OpenMemory(tar, {}));
  CtfFiles files;
  while (true) {
    ASSERT_OK_AND_ASSIGN(const auto member, reader->Next());
    if (!member.has_value()) break;
    // 2022-01-01, of the old members and of the new.
    EXPECT_EQ(archive_entry_mtime(reader->entry()), 1640995200);
    files.emplace_back(member->name, tar.substr(member->offset, member->size));
  }
  EXPECT_THAT(
      files,
      testing::ElementsAre(
          testing::Pair("artifact-index.json", kNewIndex),
          testing::Pair(absl::StrCat("blobs/sha256.", std::string(64, '0')),
                        "wrong"),
          testing::Pair("note.txt", "keep me"),
          testing::Pair(
              absl::StrCat("blobs/sha256.", Sha256Reference("blob").substr(7)),
              "blob")));
}

TEST_F(CtfArchiveTest, StaysCompressedWhereItWas) {
  const auto archive = Open(MakeGzip(OldTar()));
  ASSERT_OK(archive->Replace(kIndex, kNewIndex, {"blob"}));
  EXPECT_TRUE(absl::StartsWith(Octets(), "\x1f\x8b"));
  EXPECT_THAT(Open()->ReadIndex(), base::IsOkAndHolds(kNewIndex));
  EXPECT_THAT(Open()->GetBlob(Sha256Reference("blob"), 100),
              base::IsOkAndHolds("blob"));
}

TEST_F(CtfArchiveTest, WritesTheSameOctetsForTheSameContent) {
  ASSERT_OK(Open(MakeGzip(OldTar()))->Replace(kIndex, kNewIndex, {"blob"}));
  const std::string first = Octets();
  ASSERT_OK(Open(MakeGzip(OldTar()))->Replace(kIndex, kNewIndex, {"blob"}));
  EXPECT_TRUE(Octets() == first);
}

TEST_F(CtfArchiveTest, KeepsModeAndLink) {
  Open(OldTar());
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const std::string link = folder_ + "/link";
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  auto archive = CtfArchive::Open(link, options_);
  ASSERT_OK(archive);
  ASSERT_OK((*archive)->Replace(kIndex, kNewIndex, {}));
  struct stat info = {};
  ASSERT_EQ(lstat(link.c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(CtfArchiveTest, NoticesAnotherFileInItsPlace) {
  const auto archive = Open(OldTar());
  ASSERT_OK(Open()->Replace(kIndex, kNewIndex, {}));
  EXPECT_THAT(archive->Replace(kIndex, kNewIndex, {}),
              base::HasReason("CTF_CHANGED"));
  // It still reads the one that it opened, until it looks again.
  EXPECT_THAT(archive->ReadIndex(), base::IsOkAndHolds(kIndex));
  ASSERT_OK(archive->Refresh());
  EXPECT_THAT(archive->ReadIndex(), base::IsOkAndHolds(kNewIndex));
}

TEST_F(CtfArchiveTest, NoticesThatItWasChangedInPlace) {
  const auto archive = Open(OldTar());
  std::ofstream(path_, std::ios::app) << "more";
  EXPECT_THAT(archive->Replace(kIndex, kNewIndex, {}),
              base::HasReason("CTF_CHANGED"));
}

TEST_F(CtfArchiveTest, LeavesTheOldOneWhenTheNewOneCannotBeWhole) {
  // A member that the reader refuses, behind the index.
  options_.limits.max_entries = 3;
  const auto archive = Open(OldTar());
  EXPECT_THAT(
      archive->GetBlob(absl::StrCat("sha256:", std::string(64, '0')), 100),
      base::HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(archive->GetBlob(Sha256Reference("none"), 100),
              base::HasReason("BLOB_UNKNOWN"));
  EXPECT_THAT(archive->Replace("another index", kNewIndex, {}),
              base::HasReason("CTF_CHANGED"));
  EXPECT_TRUE(Octets() == OldTar());
}

TEST_F(CtfArchiveTest, BoundsWhatIsReadWhole) {
  const std::string name =
      absl::StrCat("blobs/sha256.", Sha256Reference("12345").substr(7));
  const auto archive = Open(MakeTar(std::vector<TarMember>{
      {"artifact-index.json", kIndex}, {name, "12345"}}));
  EXPECT_THAT(archive->GetBlob(Sha256Reference("12345"), 4),
              base::HasReason("BLOB_TOO_LARGE"));
  EXPECT_THAT(archive->GetBlob(Sha256Reference("12345"), 5),
              base::IsOkAndHolds("12345"));
}

}  // namespace
}  // namespace countersign::client
