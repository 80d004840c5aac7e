#include "client/ocm/artifact_index.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

const std::string kOld = absl::StrCat("sha256:", std::string(64, 'a'));
const std::string kNew = absl::StrCat("sha256:", std::string(64, 'b'));

std::string Entry(const std::string& repository, const std::string& tag,
                  const std::string& digest) {
  return absl::StrCat("{\"repository\":\"", repository, "\",\"tag\":\"", tag,
                      "\",\"digest\":\"", digest, "\",\"x\":7}");
}

std::string Index(const std::string& entries) {
  return absl::StrCat("{\"schemaVersion\":1,\"artifacts\":[", entries,
                      "],\"future\":{\"a\":[1]}}");
}

constexpr char kApp[] = "component-descriptors/acme.org/app";

TEST(ArtifactIndex, FindsComponentVersions) {
  ASSERT_OK_AND_ASSIGN(
      const ArtifactIndex index,
      ArtifactIndex::Parse(Index(absl::StrCat(
          Entry(kApp, "2.0.0", kOld), ",", Entry(kApp, "1.0.0.build-b", kNew),
          ",", Entry("acme.org/image", "1.0.0", kNew), ",",
          Entry(kApp, "", kOld)))));
  EXPECT_THAT(index.Components(),
              testing::ElementsAre(ComponentId{"acme.org/app", "1.0.0+b"},
                                   ComponentId{"acme.org/app", "2.0.0"}));
  EXPECT_THAT(index.Find({"acme.org/app", "2.0.0"}), base::IsOkAndHolds(0));
  EXPECT_THAT(index.Find({"acme.org/app", "1.0.0+b"}), base::IsOkAndHolds(1));
  EXPECT_THAT(index.Find({"acme.org/app", "3"}),
              base::IsOkAndHolds(testing::Eq(std::nullopt)));
}

TEST(ArtifactIndex, KeepsEverythingElseWhenADigestChanges) {
  const std::string others = absl::StrCat(
      ",", Entry("acme.org/image", "1", kOld), ",", Entry(kApp, "", kOld));
  ASSERT_OK_AND_ASSIGN(
      ArtifactIndex index,
      ArtifactIndex::Parse(Index(Entry(kApp, "1", kOld) + others)));
  index.SetDigest(0, kNew);
  EXPECT_EQ(index.Format(), Index(Entry(kApp, "1", kNew) + others));
  EXPECT_EQ(index.artifacts()[0].digest, kNew);
  EXPECT_EQ(index.artifacts()[2].digest, kOld);
}

TEST(ArtifactIndex, ChangesBothOfTwoEqualEntries) {
  const std::string entry = Entry(kApp, "1", kOld);
  ASSERT_OK_AND_ASSIGN(
      ArtifactIndex index,
      ArtifactIndex::Parse(Index(absl::StrCat(entry, ",", entry))));
  ASSERT_THAT(index.Find({"acme.org/app", "1"}), base::IsOkAndHolds(0));
  index.SetDigest(0, kNew);
  EXPECT_EQ(index.artifacts()[1].digest, kNew);
}

TEST(ArtifactIndex, RefusesOneVersionWithTwoManifests) {
  ASSERT_OK_AND_ASSIGN(
      const ArtifactIndex index,
      ArtifactIndex::Parse(Index(
          absl::StrCat(Entry(kApp, "1", kOld), ",", Entry(kApp, "1", kNew)))));
  EXPECT_THAT(index.Find({"acme.org/app", "1"}),
              base::HasReason("ARTIFACT_INDEX"));
}

TEST(ArtifactIndex, MayBeEmpty) {
  for (const char* text :
       {"{\"schemaVersion\":1}", "{\"schemaVersion\":1,\"artifacts\":null}",
        "{\"schemaVersion\":1,\"artifacts\":[]}"}) {
    ASSERT_OK_AND_ASSIGN(const ArtifactIndex index, ArtifactIndex::Parse(text));
    EXPECT_TRUE(index.artifacts().empty());
  }
}

struct Bad {
  const char* name;
  std::string text;
  const char* message;
};

class BadIndex : public testing::TestWithParam<Bad> {};

TEST_P(BadIndex, IsRefused) {
  EXPECT_THAT(
      ArtifactIndex::Parse(GetParam().text),
      testing::AllOf(base::HasReason("ARTIFACT_INDEX"),
                     base::StatusIs(absl::StatusCode::kInvalidArgument,
                                    testing::HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadIndex,
    testing::Values(
        Bad{"NoJson", "{", "line 1"}, Bad{"NoObject", "[]", "not an object"},
        Bad{"NoVersion", "{}", "schemaVersion is not there"},
        Bad{"LaterVersion", "{\"schemaVersion\":2}", "schemaVersion is 2"},
        Bad{"VersionAsText", "{\"schemaVersion\":\"1\"}", "is \"1\""},
        Bad{"NoList", "{\"schemaVersion\":1,\"artifacts\":{}}", "not a list"},
        Bad{"EntryIsNoObject", Index("7"), "artifacts[0]"},
        Bad{"DigestOfAnotherKind", Index(Entry(kApp, "1", "md5:00")),
            "\"md5:00\""},
        Bad{"DigestAsPath", Index(Entry(kApp, "1", "sha256:../../etc/passwd")),
            "lower-case hex"},
        Bad{"OddTag", Index(Entry(kApp, "1/../2", kOld)), "is no tag"},
        Bad{"TagWithControl", Index(Entry(kApp, "1\\u001b[2J", kOld)),
            "is no tag"},
        Bad{"OddRepository", Index(Entry("a b", "1", kOld)), "\"a b\""},
        Bad{"TagIsNoText",
            absl::StrReplaceAll(Index(Entry(kApp, "1", kOld)),
                                {{"\"tag\":\"1\"", "\"tag\":1"}}),
            "tag is not a string"},
        Bad{"Deep",
            absl::StrCat("{\"schemaVersion\":1,\"a\":", std::string(100, '['),
                         std::string(100, ']'), "}"),
            "line 1"},
        Bad{"Huge", std::string(kMaxArtifactIndexBytes + 1, ' '), "octets"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace countersign::client
