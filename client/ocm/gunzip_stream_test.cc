#include "client/ocm/gunzip_stream.h"

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "client/ocm/test_artifact_set.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

// What comes out when `octets` come in pieces of `piece`.
absl::StatusOr<std::string> Through(const std::string& octets, size_t piece,
                                    uint64_t limit = 1 << 20) {
  std::string out;
  GunzipStream stream(
      [&out](absl::string_view part) {
        absl::StrAppend(&out, part);
        return absl::OkStatus();
      },
      limit);
  for (size_t i = 0; i < octets.size(); i += piece) {
    const absl::Status status = stream.Add(octets.substr(i, piece));
    if (!status.ok()) return status;
  }
  const absl::Status end = stream.Finish();
  if (!end.ok()) return end;
  return out;
}

TEST(GunzipStreamTest, HandsOnWhatIsNotGzip) {
  for (const char* text : {"", "a", "ab", "\x1f", "\x1fz", "plain text"}) {
    EXPECT_THAT(Through(text, 1), base::IsOkAndHolds(std::string(text)));
    EXPECT_THAT(Through(text, 100), base::IsOkAndHolds(std::string(text)));
  }
}

TEST(GunzipStreamTest, UnpacksInPiecesOfAnySize) {
  std::string text;
  for (int i = 0; i < 50000; ++i) absl::StrAppend(&text, i);
  const std::string packed = Gzip(text);
  for (const size_t piece : {1, 2, 3, 1000, 1 << 20}) {
    EXPECT_THAT(Through(packed, piece), base::IsOkAndHolds(text)) << piece;
  }
}

TEST(GunzipStreamTest, UnpacksMembersOneBehindTheOther) {
  EXPECT_THAT(Through(Gzip("one") + Gzip("") + Gzip("two"), 5),
              base::IsOkAndHolds(std::string("onetwo")));
}

TEST(GunzipStreamTest, RefusesWhatIsBroken) {
  const std::string packed = Gzip(std::string(1000, 'x'));
  EXPECT_THAT(Through(packed.substr(0, packed.size() - 1), 7).status(),
              HasReason("GZIP_UNREADABLE"));
  std::string changed = packed;
  changed[packed.size() - 6] ^= 1;  // the checksum
  EXPECT_THAT(Through(changed, 7).status(), HasReason("GZIP_UNREADABLE"));
  EXPECT_THAT(Through(packed + "behind", 7).status(),
              HasReason("GZIP_UNREADABLE"));
}

TEST(GunzipStreamTest, RefusesABomb) {
  const std::string bomb = Gzip(std::string(4 << 20, '\0'));
  EXPECT_LT(bomb.size(), 10000u);
  EXPECT_THAT(Through(bomb, 100).status(), HasReason("GZIP_TOO_LARGE"));
}

}  // namespace
}  // namespace countersign::client
