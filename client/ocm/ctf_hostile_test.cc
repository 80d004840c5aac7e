// Archives and directories that are wrong or mean harm: each ends in a typed
// error that names what is wrong, and in bounded memory. A table.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/oci/fake_registry.h"
#include "client/ocm/open_components.h"
#include "client/ocm/sample_ctf.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

const ComponentId kApp{"acme.org/test/app", "1.0.0"};

std::string FreshFolder() {
  static int made = 0;
  const std::string path =
      absl::StrCat(testing::TempDir(), "/hostile-", made++);
  mkdir(path.c_str(), 0755);
  return path;
}

// Opens what lies at `path` and reads kApp out of it.
absl::StatusOr<std::string> ReadAt(const std::string& path,
                                   const CtfArchiveOptions& more = {}) {
  FakeRegistries registries;
  ComponentReference reference;
  reference.path = path;
  CtfArchiveOptions options = more;
  options.spool_folder = testing::TempDir();
  auto repository = OpenComponents(reference, registries, options);
  if (!repository.ok()) return repository.status();
  return (*repository)->ReadDescriptor(kApp);
}

absl::StatusOr<std::string> ReadOctetsOf(const std::string& octets,
                                         const CtfArchiveOptions& more = {}) {
  const std::string folder = FreshFolder();
  WriteFiles(folder, {{"x.ctf", octets}});
  return ReadAt(folder + "/x.ctf", more);
}

std::vector<SampleVersion> OneVersion() {
  return {{kApp, SampleText(kApp, "app"), {"hello"}}};
}

std::vector<TarMember> GoodMembers() {
  std::vector<TarMember> members;
  for (const auto& [name, octets] : MakeSampleCtf(OneVersion())) {
    members.push_back({name, octets});
  }
  return members;
}

struct Row {
  const char* name;
  // Of a good archive, or what is added to it.
  std::function<void(std::vector<TarMember>&)> spoil;
  const char* reason;
  const char* message;
};

std::function<void(std::vector<TarMember>&)> Adds(const TarMember& member) {
  return [member](std::vector<TarMember>& all) { all.push_back(member); };
}

class HostileArchive : public testing::TestWithParam<Row> {};

TEST_P(HostileArchive, IsRefusedAsTarAndAsTgz) {
  std::vector<TarMember> members = GoodMembers();
  GetParam().spoil(members);
  const std::string tar = MakeTar(members);
  for (const std::string& octets : {tar, MakeGzip(tar)}) {
    const auto read = ReadOctetsOf(octets);
    EXPECT_THAT(read, base::HasReason(GetParam().reason));
    EXPECT_THAT(std::string(read.status().message()),
                testing::HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HostileArchive,
    testing::Values(
        Row{"ParentName", Adds({"../evil", "x"}), "ARCHIVE_UNSAFE", "../evil"},
        Row{"ParentInside", Adds({"blobs/../../evil", "x"}), "ARCHIVE_UNSAFE",
            "leads out"},
        Row{"AbsoluteName", Adds({"/etc/passwd", "x"}), "ARCHIVE_UNSAFE",
            "/etc/passwd"},
        Row{"Backslash", Adds({"..\\evil", "x"}), "ARCHIVE_UNSAFE", "evil"},
        Row{"LongName",
            [](auto& all) {
              all.push_back({"././@LongLink", std::string(300, 'n'), 'L'});
              all.push_back({"n", "x"});
            },
            "ARCHIVE_UNSAFE", "more than 255 octets"},
        Row{"EmptyPart", Adds({"blobs//x", "x"}), "ARCHIVE_UNSAFE", "blobs//x"},
        Row{"SymbolicLink", Adds({"blobs/x", "", '2', "/etc/passwd"}),
            "ARCHIVE_UNSAFE", "a symbolic link"},
        Row{"HardLink", Adds({"blobs/x", "", '1', "artifact-index.json"}),
            "ARCHIVE_UNSAFE", "a hard link"},
        Row{"CharacterDevice", Adds({"blobs/x", "", '3'}), "ARCHIVE_UNSAFE",
            "a device"},
        Row{"BlockDevice", Adds({"blobs/x", "", '4'}), "ARCHIVE_UNSAFE",
            "a device"},
        Row{"Pipe", Adds({"blobs/x", "", '6'}), "ARCHIVE_UNSAFE", "a pipe"},
        Row{"SecondIndex", Adds({"artifact-index.json", "{}"}),
            "ARCHIVE_UNSAFE", "two members"},
        Row{"SecondIndexByAnotherName", Adds({"./artifact-index.json", "{}"}),
            "ARCHIVE_UNSAFE", "two members"},
        Row{"SizeBeyondTheEnd", Adds({"blobs/x", "x", '0', "", 1 << 30}),
            "ARCHIVE_INVALID", ""},
        Row{"SizeBeyondTheLimit",
            Adds({"blobs/x", "x", '0', "", uint64_t{8589934591}}),
            "ARCHIVE_INVALID", ""},
        Row{"NoIndex", [](auto& all) { all.erase(all.begin()); }, "NOT_A_CTF",
            "no artifact-index.json"},
        Row{"HugeIndex",
            [](auto& all) { all[0].octets.assign((16 << 20) + 1, ' '); },
            "NOT_A_CTF", "more than the"},
        Row{"IndexOfALaterSchema",
            [](auto& all) { all[0].octets = "{\"schemaVersion\":2}"; },
            "ARTIFACT_INDEX", "only 1 is known"},
        Row{"MissingBlob", [](auto& all) { all.erase(all.begin() + 1); },
            "BLOB_UNKNOWN", "sha256:"},
        Row{"ChangedManifest", [](auto& all) { all.back().octets += " "; },
            "DIGEST_MISMATCH", "sha256:"},
        Row{"ChangedLayer", [](auto& all) { all[1].octets[700] ^= 1; },
            "DIGEST_MISMATCH", "sha256:"}),
    [](const auto& info) { return info.param.name; });

TEST(HostileCtf, TheGoodArchiveIsReadAsTarAndAsTgz) {
  const std::string tar = MakeTar(GoodMembers());
  for (const std::string& octets : {tar, MakeGzip(tar)}) {
    EXPECT_THAT(ReadOctetsOf(octets),
                base::IsOkAndHolds(SampleText(kApp, "app")));
  }
}

TEST(HostileCtf, ReadsWhatTarMakesOfAFolder) {
  std::vector<TarMember> members = {{"./", "", '5'}, {"./blobs/", "", '5'}};
  for (const TarMember& member : GoodMembers()) {
    members.push_back({"./" + member.name, member.octets});
  }
  EXPECT_THAT(ReadOctetsOf(MakeTar(members)),
              base::IsOkAndHolds(SampleText(kApp, "app")));
}

TEST(HostileCtf, RefusesWhatIsNoArchive) {
  for (const std::string& octets :
       {std::string(), std::string("hello"), std::string(4096, '\0'),
        MakeGzip("hello"), std::string("PK\3\4........")}) {
    EXPECT_THAT(ReadOctetsOf(octets),
                testing::AnyOf(base::HasReason("ARCHIVE_INVALID"),
                               base::HasReason("NOT_A_CTF")));
  }
}

TEST(HostileCtf, RefusesGzipInGzip) {
  EXPECT_THAT(ReadOctetsOf(MakeGzip(MakeGzip(MakeTar(GoodMembers())))),
              base::HasReason("ARCHIVE_UNSAFE"));
}

TEST(HostileCtf, RefusesATruncatedArchiveWhereverItEnds) {
  const std::string tar = MakeTar(GoodMembers());
  const std::string tgz = MakeGzip(tar);
  // The two blocks of zeros at the end may be missing.
  for (size_t size = 100; size + 1024 < tar.size(); size += 700) {
    EXPECT_FALSE(ReadOctetsOf(tar.substr(0, size)).ok()) << size;
  }
  for (size_t size = 10; size + 20 < tgz.size(); size += 150) {
    EXPECT_FALSE(ReadOctetsOf(tgz.substr(0, size)).ok()) << size;
  }
}

TEST(HostileCtf, StopsAtTheLimitOfOctetsBeforeItUnpacksThem) {
  std::vector<TarMember> members = GoodMembers();
  members.push_back({"blobs/bomb", std::string(64 << 20, '\0')});
  const std::string tgz = MakeGzip(MakeTar(members));
  ASSERT_LT(tgz.size(), size_t{1} << 20);
  CtfArchiveOptions options;
  options.limits.max_total_bytes = 8 << 20;
  EXPECT_THAT(ReadOctetsOf(tgz, options),
              testing::AllOf(base::HasReason("ARCHIVE_TOO_LARGE"),
                             base::StatusIs(absl::StatusCode::kInvalidArgument,
                                            testing::HasSubstr("8388608"))));
}

TEST(HostileCtf, CountsHeadersAmongTheOctets) {
  std::vector<TarMember> members = GoodMembers();
  const std::string comment(800 << 10, 'c');
  for (int i = 0; i < 20; ++i) {
    members.push_back(
        {"x", absl::StrCat(comment.size() + 16, " comment=", comment, "\n"),
         'x'});
    members.push_back({absl::StrCat("m", i), ""});
  }
  CtfArchiveOptions options;
  options.limits.max_total_bytes = 8 << 20;
  const auto read = ReadOctetsOf(MakeGzip(MakeTar(members)), options);
  EXPECT_THAT(read, base::HasReason("ARCHIVE_TOO_LARGE"));
}

TEST(HostileCtf, StopsAtTheLimitOfMembers) {
  std::vector<TarMember> members = GoodMembers();
  for (int i = 0; i < 100; ++i) members.push_back({absl::StrCat("m", i), ""});
  CtfArchiveOptions options;
  options.limits.max_entries = 50;
  EXPECT_THAT(ReadOctetsOf(MakeTar(members), options),
              base::HasReason("ARCHIVE_TOO_LARGE"));
}

TEST(HostileCtf, NeedsLittleMemoryForALargeBlob) {
  std::vector<TarMember> members = GoodMembers();
  members.push_back({"blobs/large", std::string(96 << 20, '\0')});
  const std::string tgz = MakeGzip(MakeTar(members));
  members.clear();
  struct rusage before = {};
  struct rusage after = {};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_OK(ReadOctetsOf(tgz));
  getrusage(RUSAGE_SELF, &after);
  // KiB. The test itself has had all of it in memory, so this says only that
  // nothing more came on top.
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 << 10);
}

TEST(HostileCtf, LeavesNothingBehindInTheSpoolFolder) {
  const std::string folder = FreshFolder();
  WriteFiles(folder, {{"x.ctf", MakeGzip(MakeTar(GoodMembers()))}});
  const std::string spool = FreshFolder();
  FakeRegistries registries;
  ComponentReference reference;
  reference.path = folder + "/x.ctf";
  CtfArchiveOptions options;
  options.spool_folder = spool;
  ASSERT_OK(OpenComponents(reference, registries, options));
  EXPECT_EQ(rmdir(spool.c_str()), 0);
}

TEST(HostileCtf, NamesAPathThatIsNotThere) {
  EXPECT_THAT(ReadAt(FreshFolder() + "/none.tar"),
              testing::AllOf(base::HasReason("REPOSITORY_UNKNOWN"),
                             base::StatusIs(absl::StatusCode::kNotFound,
                                            testing::HasSubstr("none.tar"))));
}

TEST(HostileCtf, RefusesADirectoryThatIsNoCtf) {
  EXPECT_THAT(ReadAt(FreshFolder()), base::HasReason("NOT_A_CTF"));
}

TEST(HostileCtf, DoesNotWaitForAPipe) {
  const std::string folder = FreshFolder();
  ASSERT_EQ(mkfifo((folder + "/x.tar").c_str(), 0600), 0);
  EXPECT_THAT(ReadAt(folder + "/x.tar"), base::HasReason("FILE_UNREADABLE"));
  ASSERT_EQ(mkfifo((folder + "/artifact-index.json").c_str(), 0600), 0);
  EXPECT_THAT(ReadAt(folder), base::HasReason("FILE_UNREADABLE"));
}

struct DirectoryRow {
  const char* name;
  std::function<void(CtfFiles&)> spoil;
  const char* reason;
};

class HostileDirectory : public testing::TestWithParam<DirectoryRow> {};

TEST_P(HostileDirectory, IsRefused) {
  CtfFiles files = MakeSampleCtf(OneVersion());
  GetParam().spoil(files);
  const std::string folder = FreshFolder();
  WriteFiles(folder, files);
  EXPECT_THAT(ReadAt(folder), base::HasReason(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HostileDirectory,
    testing::Values(
        DirectoryRow{"ChangedLayer",
                     [](auto& files) { files[1].second[700] ^= 1; },
                     "DIGEST_MISMATCH"},
        DirectoryRow{"MissingManifest", [](auto& files) { files.pop_back(); },
                     "BLOB_UNKNOWN"},
        DirectoryRow{
            "HugeManifest",
            [](auto& files) { files.back().second.assign((4 << 20) + 1, ' '); },
            "BLOB_TOO_LARGE"},
        DirectoryRow{
            "HugeIndex",
            [](auto& files) { files[0].second.assign((16 << 20) + 1, ' '); },
            "NOT_A_CTF"},
        DirectoryRow{"NoJson", [](auto& files) { files[0].second = "{"; },
                     "ARTIFACT_INDEX"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::client
