#include "client/artifact/text_position.h"

#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(PositionOf, CountsLinesAndCodePointsFromOne) {
  const absl::string_view text = "a\xC3\xA9z\r\n\tb\n";
  const struct {
    size_t offset, line, column;
  } kRows[] = {{0, 1, 1}, {1, 1, 2}, {3, 1, 3}, {6, 2, 1},
               {7, 2, 2}, {9, 3, 1}, {99, 3, 1}};
  for (const auto& row : kRows) {
    const TextPosition position = PositionOf(text, row.offset);
    EXPECT_EQ(position.line, row.line) << row.offset;
    EXPECT_EQ(position.column, row.column) << row.offset;
  }
}

TEST(TextError, CarriesThePlaceInWordsAndAsMetadata) {
  const absl::Status status = TextError("a\nbc", 3, "SOME_REASON", "is wrong");
  EXPECT_EQ(status.message(), "line 2, column 2: is wrong");
  EXPECT_THAT(status, base::HasReason("SOME_REASON"));
  EXPECT_EQ(base::GetErrorDetails(status)->metadata.at("line"), "2");
  EXPECT_EQ(base::GetErrorDetails(status)->metadata.at("column"), "2");
}

}  // namespace
}  // namespace countersign::client
