#include "client/ocm/tar_stream.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/ocm/test_artifact_set.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::ElementsAre;
using testing::IsEmpty;

class Files : public TarVisitor {
 public:
  absl::Status Begin(const std::string& name, uint64_t size) override {
    list.push_back(absl::StrCat(name, " ", size, " "));
    return absl::OkStatus();
  }
  absl::Status Data(absl::string_view octets) override {
    absl::StrAppend(&list.back(), octets);
    return absl::OkStatus();
  }
  absl::Status End() override {
    absl::StrAppend(&list.back(), ".");
    return absl::OkStatus();
  }
  std::vector<std::string> list;
};

absl::Status Read(const std::string& tar, Files& files, size_t piece = 1000) {
  TarStream stream(files);
  for (size_t i = 0; i < tar.size(); i += piece) {
    const absl::Status status = stream.Add(tar.substr(i, piece));
    if (!status.ok()) return status;
  }
  return stream.Finish();
}

std::string Pax(const std::string& path) {
  const std::string record = absl::StrCat(" path=", path, "\n");
  size_t length = record.size() + 2;
  if (absl::StrCat(length).size() != 2) ++length;
  return TarEntry("PaxHeaders/x", absl::StrCat(length, record), 'x');
}

TEST(TarStreamTest, TellsOfFilesInPiecesOfAnySize) {
  const std::string tar =
      Tar({{"a", "one"}, {"./b/c", ""}, {"d", std::string(600, 'x')}});
  for (const size_t piece : {1, 511, 512, 513, 5000}) {
    Files files;
    ASSERT_OK(Read(tar, files, piece));
    EXPECT_THAT(files.list,
                ElementsAre("a 3 one.", "b/c 0 .",
                            absl::StrCat("d 600 ", std::string(600, 'x'), ".")))
        << piece;
  }
}

TEST(TarStreamTest, SkipsWhatIsNoFile) {
  Files files;
  ASSERT_OK(Read(TarEntry("folder", "", '5') + TarEntry("link", "", '2') +
                     TarEntry("pax", "x", 'g') + Tar({{"a", "1"}}),
                 files));
  EXPECT_THAT(files.list, ElementsAre("a 1 1."));
}

TEST(TarStreamTest, ReadsLongNames) {
  const std::string name(200, 'n');
  Files files;
  ASSERT_OK(Read(TarEntry("././@LongLink", name + '\0', 'L') +
                     TarEntry("n", "1") + Pax("blobs/y") + TarEntry("z", "2") +
                     Tar({{"w", "3"}}),
                 files));
  EXPECT_THAT(files.list, ElementsAre(absl::StrCat(name, " 1 1."),
                                      "blobs/y 1 2.", "w 1 3."));
}

TEST(TarStreamTest, StopsAtTheTwoEmptyBlocks) {
  Files files;
  ASSERT_OK(Read(Tar({{"a", "1"}}) + "whatever follows", files));
  EXPECT_THAT(files.list, ElementsAre("a 1 1."));
}

TEST(TarStreamTest, RefusesWhatIsNoArchive) {
  std::string no_sum = Tar({{"a", "1"}});
  no_sum[0] = 'b';
  std::string no_number = TarEntry("a", "1");
  for (const std::string& octets : std::vector<std::string>{
           "", "text", std::string(2000, 'x'), no_sum,
           Tar({{"a", "long"}}).substr(0, 514), std::string(1024, '\0'),
           TarEntry("x", "7 path=\n9999 a=b\n", 'x'),
           TarEntry("x", "nonsense", 'x'),
           TarEntry("x", std::string(70000, 'n'), 'L')}) {
    Files files;
    EXPECT_THAT(Read(octets, files), HasReason("TAR_UNREADABLE"));
  }
}

TEST(TarStreamTest, RefusesASizeBeyondAllFiles) {
  std::string huge = TarEntry("a", "");
  huge.replace(124, 12,
               std::string("\x80\x00\x00\x00\x7f", 5) + std::string(7, '\xff'));
  unsigned sum = 0;
  huge.replace(148, 8, "        ");
  for (int i = 0; i < 512; ++i) sum += static_cast<unsigned char>(huge[i]);
  char field[8];
  snprintf(field, sizeof(field), "%06o", sum);
  huge.replace(148, 7, std::string(field, 7));
  Files files;
  EXPECT_THAT(Read(huge, files), HasReason("TAR_UNREADABLE"));
  EXPECT_THAT(files.list, IsEmpty());
}

}  // namespace
}  // namespace countersign::client
