#include "client/oci/checked_source.h"

#include <string>

#include "absl/strings/string_view.h"
#include "base/status_matchers.h"
#include "client/oci/oci_digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::IsOkAndHolds;

// Two octets at a time, however much room there is.
BlobSource TwoByTwo(absl::string_view octets) {
  return [octets](size_t room) mutable -> absl::StatusOr<std::string> {
    std::string piece(octets.substr(0, room < 2 ? room : 2));
    octets.remove_prefix(piece.size());
    return piece;
  };
}

TEST(CheckedSourceTest, LetsARightBlobThrough) {
  const BlobSource source = TwoByTwo("abcde");
  CheckedSource checked("r/a", OciDigestOf("abcde"), 5, source);
  EXPECT_THAT(checked.Next(100), IsOkAndHolds("ab"));
  EXPECT_THAT(checked.Next(1), IsOkAndHolds("c"));
  EXPECT_THAT(checked.Next(100), IsOkAndHolds("de"));
  EXPECT_THAT(checked.Next(100), IsOkAndHolds(""));
  EXPECT_EQ(checked.done(), 5u);
}

TEST(CheckedSourceTest, KeepsTheLastOctetsOfAWrongBlob) {
  const BlobSource source = TwoByTwo("abcd");
  CheckedSource checked("r/a", OciDigestOf("abxd"), 4, source);
  EXPECT_THAT(checked.Next(100), IsOkAndHolds("ab"));
  EXPECT_THAT(checked.Next(100), HasReason("DIGEST_MISMATCH"));
}

TEST(CheckedSourceTest, SeesABlobThatIsTooShortOrTooLong) {
  const BlobSource is_short = TwoByTwo("ab");
  CheckedSource first("r/a", OciDigestOf("ab"), 3, is_short);
  EXPECT_THAT(first.Next(100), IsOkAndHolds("ab"));
  EXPECT_THAT(first.Next(100), HasReason("DIGEST_MISMATCH"));
  const BlobSource is_long = TwoByTwo("abc");
  CheckedSource second("r/a", OciDigestOf("ab"), 2, is_long);
  EXPECT_THAT(second.Next(100), HasReason("DIGEST_MISMATCH"));
}

TEST(CheckedSourceTest, RefusesMoreThanItAskedFor) {
  const BlobSource source = [](size_t) { return std::string(10, 'x'); };
  CheckedSource checked("r/a", OciDigestOf("xx"), 2, source);
  EXPECT_THAT(checked.Next(100), HasReason("DIGEST_MISMATCH"));
}

}  // namespace
}  // namespace countersign::client
