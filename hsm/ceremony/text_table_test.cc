#include "hsm/ceremony/text_table.h"

#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

TEST(TextTableTest, AlignsColumnsAndFillsEmptyCells) {
  EXPECT_EQ(FormatTable({{"LABEL", "ID"}, {"a", ""}, {"schl\u00fcssel", "01"}}),
            "LABEL      ID\n"
            "a          -\n"
            "schl\u00fcssel  01\n");
}

TEST(TextTableTest, ShowsWhatTokensSayWithoutTheirControlCharacters) {
  const std::string text = FormatBlock({{"Key", "a\x1b[2J\nb"}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(TextTableTest, IsEmptyWithoutRows) { EXPECT_EQ(FormatTable({}), ""); }

}  // namespace
}  // namespace countersign::hsm
