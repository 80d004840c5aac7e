#include "client/cli/text_table.h"

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(TextTable, AlignsColumns) {
  TextTable table({"STATE", "NAME"});
  table.AddRow({"SIGNED", "a"});
  table.AddRow({"OK", "long name"});
  EXPECT_EQ(table.Format(),
            "STATE   NAME\n"
            "SIGNED  a\n"
            "OK      long name\n");
}

TEST(TextTable, ShowsEmptyCells) {
  TextTable table({"A", "B"});
  EXPECT_TRUE(table.empty());
  table.AddRow({"", "x"});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.Format(), "A  B\n-  x\n");
}

TEST(TextTable, CountsCharactersNotOctets) {
  TextTable table({"A", "B"});
  table.AddRow({"\xc3\xbc\xc3\xbc", "1"});
  table.AddRow({"xxx", "2"});
  EXPECT_EQ(table.Format(), "A    B\n\xc3\xbc\xc3\xbc   1\nxxx  2\n");
}

TEST(TextTable, LetsNothingMoveTheCursorOrBreakTheLine) {
  TextTable table({"A"});
  table.AddRow({"a\x1b[2J\nSIGNED\r\xe2\x80\xae"});
  EXPECT_EQ(table.Format(), "A\na\\x1b[2J\\x0aSIGNED\\x0d\\u{202e}\n");
}

TEST(TextBlock, AlignsValuesAndTheirLines) {
  TextBlock block;
  block.Add("Name", "n");
  block.Add("Rule", "first\nsecond");
  block.AddIf("Nothing", "");
  EXPECT_EQ(block.Format(),
            "Name  n\n"
            "Rule  first\n"
            "      second\n");
}

TEST(TextBlock, KeepsALineOfAValueBehindItsLabel) {
  TextBlock block;
  block.Add("Description", "harmless\nState  SIGNED\x1b[1A");
  EXPECT_EQ(block.Format(),
            "Description  harmless\n"
            "             State  SIGNED\\x1b[1A\n");
}

}  // namespace
}  // namespace countersign::client
