#include "client/artifact/file_digest.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

std::string TempPath(const std::string& name) {
  const char* dir = std::getenv("TEST_TMPDIR");
  return absl::StrCat(dir == nullptr ? "." : dir, "/", name);
}

TEST(DigestFile, KnowsTheDigestsOfAbc) {
  const std::string path = TempPath("abc");
  ASSERT_OK(base::WriteFileAtomically(path, "abc"));
  const std::pair<HashAlgorithm, const char*> kWant[] = {
      {HashAlgorithm::kSha256, "ba7816bf"},
      {HashAlgorithm::kSha384, "cb00753f"},
      {HashAlgorithm::kSha512, "ddaf35a1"},
  };
  for (const auto& [hash, start] : kWant) {
    ASSERT_OK_AND_ASSIGN(const FileDigest digest, DigestFile(path, hash));
    EXPECT_EQ(digest.octets.size(), HashSize(hash));
    EXPECT_EQ(base::HexEncode(digest.octets).substr(0, 8), start);
    EXPECT_EQ(digest.size, 3u);
  }
}

TEST(DigestFile, TakesAnEmptyFile) {
  const std::string path = TempPath("empty");
  ASSERT_OK(base::WriteFileAtomically(path, ""));
  ASSERT_OK_AND_ASSIGN(const FileDigest digest,
                       DigestFile(path, HashAlgorithm::kSha256));
  EXPECT_EQ(digest.octets, HashOctets(HashAlgorithm::kSha256, ""));
}

TEST(DigestFile, ReadsInPiecesAndTellsProgress) {
  const std::string path = TempPath("large");
  const std::string contents((5 << 20) + 17, 'x');
  ASSERT_OK(base::WriteFileAtomically(path, contents));
  std::vector<uint64_t> done;
  const auto progress = [&](uint64_t octets, std::optional<uint64_t> total) {
    EXPECT_EQ(total, contents.size());
    done.push_back(octets);
  };
  ASSERT_OK_AND_ASSIGN(const FileDigest digest,
                       DigestFile(path, HashAlgorithm::kSha512, progress));
  EXPECT_EQ(digest.octets, HashOctets(HashAlgorithm::kSha512, contents));
  EXPECT_GE(done.size(), 6u);
  EXPECT_EQ(done.back(), contents.size());
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
}

TEST(DigestFile, NamesThePathOfWhatItCannotRead) {
  EXPECT_THAT(
      DigestFile(TempPath("absent"), HashAlgorithm::kSha256),
      AllOf(HasReason("FILE_UNREADABLE"),
            StatusIs(absl::StatusCode::kNotFound, HasSubstr("absent"))));
  EXPECT_THAT(DigestFile(TempPath(""), HashAlgorithm::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("Is a directory")));
}

TEST(DigestDescriptor, ReadsAPipeWithoutKnowingItsSize) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "abc", 3), 3);
  close(ends[1]);
  bool told = false;
  const auto progress = [&](uint64_t, std::optional<uint64_t> total) {
    told = true;
    EXPECT_EQ(total, std::nullopt);
  };
  ASSERT_OK_AND_ASSIGN(
      const FileDigest digest,
      DigestDescriptor(ends[0], "-", HashAlgorithm::kSha256, progress));
  close(ends[0]);
  EXPECT_TRUE(told);
  EXPECT_EQ(digest.octets, HashOctets(HashAlgorithm::kSha256, "abc"));
}

TEST(DigestDescriptor, NoticesAFileThatGrows) {
  const std::string path = TempPath("growing");
  ASSERT_OK(base::WriteFileAtomically(path, "abc"));
  bool grown = false;
  const auto progress = [&](uint64_t, std::optional<uint64_t>) {
    if (std::exchange(grown, true)) return;
    FILE* file = std::fopen(path.c_str(), "a");
    ASSERT_NE(file, nullptr);
    std::fputs("more", file);
    std::fclose(file);
  };
  EXPECT_THAT(DigestFile(path, HashAlgorithm::kSha256, progress),
              AllOf(HasReason("FILE_CHANGED"),
                    base::HasCode(absl::StatusCode::kAborted)));
}

TEST(DigestDescriptor, ReportsABadDescriptor) {
  EXPECT_THAT(DigestDescriptor(-1, "nothing", HashAlgorithm::kSha256),
              HasReason("FILE_UNREADABLE"));
}

}  // namespace
}  // namespace countersign::client
