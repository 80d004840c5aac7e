#include "client/artifact/yaml_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::Json;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string Compact(absl::string_view text) {
  const absl::StatusOr<YamlDocument> read = ReadYaml(text);
  return read.ok() ? base::CompactJson(read->value)
                   : absl::StrCat("error: ", read.status().message());
}

TEST(ReadYaml, ReadsBothWritingsOfTheSameValue) {
  EXPECT_EQ(Compact("a: [1, {b: x}]\nc:\n- ~\n- 'yes'\n"),
            R"({"a":[1,{"b":"x"}],"c":[null,"yes"]})");
  EXPECT_EQ(Compact(R"({"a":[1,{"b":"x"}],"c":[null,"yes"]})"),
            R"({"a":[1,{"b":"x"}],"c":[null,"yes"]})");
}

TEST(ReadYaml, ReadsEscapesBlocksAndLineEnds) {
  EXPECT_EQ(Compact("a: \"\\u00e9\\x41\\t\"\r\nb: |\r\n  x\r\n   y\r\n"),
            "{\"a\":\"\xC3\xA9"
            "A\\t\",\"b\":\"x\\n y\\n\"}");
  EXPECT_EQ(Compact("a: >-\n  x\n  y\n\n  z\n"), R"({"a":"x y\nz"})");
  EXPECT_EQ(Compact("a: |+\n  x\n\n"), R"({"a":"x\n\n"})");
  EXPECT_EQ(Compact("a: 'it''s'\n"), R"({"a":"it's"})");
}

TEST(ReadYaml, ReadsAByteOrderMarkAndDocumentMarkers) {
  EXPECT_EQ(Compact("\xEF\xBB\xBF"
                    "a: 1\n"),
            R"({"a":1})");
  EXPECT_EQ(Compact("# c\n---\na: 1\n...\n"), R"({"a":1})");
}

TEST(ReadYaml, ExpandsAnchorsAndMerges) {
  EXPECT_EQ(Compact("a: &x {b: 2, c: 1}\nd: *x\n"),
            R"({"a":{"b":2,"c":1},"d":{"b":2,"c":1}})");
  EXPECT_EQ(Compact("a: &x {b: 2, c: 1}\nd: {<<: *x, c: 9}\n"),
            R"({"a":{"b":2,"c":1},"d":{"b":2,"c":9}})");
  EXPECT_EQ(Compact("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n"),
            R"({"a":{"b":1},"c":{"b":2,"d":3},"e":{"b":1,"d":3}})");
  EXPECT_EQ(Compact("a: &x word\nb: *x\n"), R"({"a":"word","b":"word"})");
  EXPECT_EQ(Compact("a: {'<<': 1}\n"), R"({"a":{"<<":1}})");
}

TEST(ReadYaml, TurnsKeysIntoStrings) {
  EXPECT_EQ(Compact("{1: a, 1.5: b, yes: c, 'no': d}"),
            R"({"1":"a","1.5":"b","true":"c","no":"d"})");
}

TEST(ReadYaml, ReportsDoubledKeysAndTakesTheLast) {
  ASSERT_OK_AND_ASSIGN(const YamlDocument document,
                       ReadYaml("l:\n- v: {a: 1,\n  a: 2}\n"));
  EXPECT_EQ(base::CompactJson(document.value), R"({"l":[{"v":{"a":2}}]})");
  ASSERT_EQ(document.duplicates.size(), 1u);
  const DuplicateKey& duplicate = document.duplicates[0];
  EXPECT_EQ(duplicate.key, "a");
  EXPECT_EQ(duplicate.position.line, 3u);
  EXPECT_EQ(duplicate.position.column, 3u);
  EXPECT_THAT(duplicate.path, testing::ElementsAre("l", "[0]", "v"));
}

TEST(ReadYaml, ReportsDoubledBooleanKeys) {
  ASSERT_OK_AND_ASSIGN(const YamlDocument document,
                       ReadYaml("{true: a, yes: b}"));
  EXPECT_EQ(document.duplicates.size(), 1u);
}

struct Bad {
  const char* name;
  std::string text;
  const char* reason;
  const char* place;
};

class BadYaml : public testing::TestWithParam<Bad> {};

TEST_P(BadYaml, IsRefusedWithLineAndColumn) {
  const absl::StatusOr<YamlDocument> read = ReadYaml(GetParam().text);
  EXPECT_THAT(read, AllOf(HasReason(GetParam().reason),
                          StatusIs(absl::StatusCode::kInvalidArgument,
                                   StartsWith(GetParam().place))));
}

std::string Nested(int levels, const char* open, const char* close) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += open;
  for (int i = 0; i < levels; ++i) text += close;
  return text;
}

// Ten lists of ten aliases each: ten billion nodes.
std::string Bomb() {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    absl::StrAppend(&text, "a", i, ": &a", i, " [");
    for (int k = 0; k < 10; ++k) {
      absl::StrAppend(&text, k ? "," : "", "*a", i - 1);
    }
    text += "]\n";
  }
  return text;
}

// One long text and many aliases of it: few nodes, many octets.
std::string TextBomb() {
  std::string text = "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i ? "," : "", "*a");
  return text + "]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadYaml,
    testing::Values(
        Bad{"Empty", "", "YAML_SYNTAX", "line 1, column 1: "},
        Bad{"OnlyComments", "# nothing\n", "YAML_SYNTAX", "line 1, column 1"},
        Bad{"BrokenYaml", "a: 1\nb: [1, 2\nc: 3\n", "YAML_SYNTAX", "line 3"},
        Bad{"BrokenJson", "{\"a\": 1,\n \"b\" 2}", "YAML_SYNTAX", "line 2"},
        Bad{"NestedMapOnOneLine", "a: b: c\n", "YAML_SYNTAX",
            "line 1, column 5"},
        Bad{"OpenQuote", "a: \"x\n", "YAML_SYNTAX", "line "},
        Bad{"BrokenUtf8", "a: x\nb: \xC3(\n", "YAML_SYNTAX",
            "line 2, column 4"},
        Bad{"Control", "a: x\x04y\nb: 2\n", "YAML_SYNTAX", "line 1, column 5"},
        Bad{"Nul", std::string("a: x\0y", 6), "YAML_SYNTAX",
            "line 1, column 5"},
        Bad{"Delete", "a: \x7F\n", "YAML_SYNTAX", "line 1, column 4"},
        Bad{"LoneCarriageReturn", "a: x\rb: y\n", "YAML_SYNTAX",
            "line 1, column 5"},
        Bad{"NextLine", "a: \"x\xC2\x85y\"\n", "YAML_SYNTAX",
            "line 1, column 6"},
        Bad{"ByteOrderMarkInside", "a: \"\xEF\xBB\xBF\"\n", "YAML_SYNTAX",
            "line 1, column 5"},
        Bad{"LineSeparatorInComment", "a: 1 # x\xE2\x80\xA8z: 2\n",
            "YAML_UNSUPPORTED", "line 1, column 9"},
        Bad{"LineSeparatorPlain", "a: x\xE2\x80\xA8y\n", "YAML_UNSUPPORTED",
            "line 1, column 5"},
        Bad{"LineSeparatorBesideBlank", "a: \"x \xE2\x80\xA8y\"\n",
            "YAML_UNSUPPORTED", "line 1, column 7"},
        Bad{"EscapedSlash", "{\"a\": \"x\\/y\"}", "YAML_UNSUPPORTED",
            "line 1, column 9: the escape \\/ is refused by both"},
        Bad{"EscapedNextLine", "a: \"\\N\"\n", "YAML_UNSUPPORTED",
            "line 1, column 5"},
        Bad{"EscapedSurrogates", "{\"a\": \"\\ud83d\\ude00\"}", "YAML_SYNTAX",
            "line 1"},
        Bad{"Tag", "a: !!str 1\n", "YAML_UNSUPPORTED", "line 1, column 4"},
        Bad{"TagOnNull", "a: !!str null\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"TagBehindAnchor", "a: &x !!set {b}\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"Binary", "a: !!binary aGk=\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"Directive", "%YAML 1.2\n---\na: 1\n", "YAML_UNSUPPORTED",
            "line 1, column 1"},
        Bad{"SecondDocument", "a: 1\n---\nb: 2\n", "YAML_UNSUPPORTED",
            "line 2"},
        Bad{"TextBehindJson", "{\"a\": 1} x", "YAML_UNSUPPORTED",
            "line 1, column 10"},
        Bad{"UnknownAlias", "a: *x\n", "YAML_SYNTAX", "line 1, column 4"},
        Bad{"AliasInsideItsAnchor", "a: &x [*x]\n", "YAML_UNSUPPORTED",
            "line 1, column 8"},
        Bad{"EmptyLineAtTheEndOfQuotes", "a: \"x\n\n\"\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"EmptyLineAtTheBeginOfQuotes", "a: '\n\n  x'\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"FoldedAndKept", "a: >+\n  x\n\nb: 1\n", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"BlanksAtTheEndOfALiteral", "a: |\n  x\n  ", "YAML_UNSUPPORTED",
            "line 3, column 1"},
        Bad{"ColonBeforeBrace", "{b:}", "YAML_UNSUPPORTED", "line 1, column 3"},
        Bad{"BlankBeforeColonBeforeComma", "{b :, c}", "YAML_UNSUPPORTED",
            "line 1, column 4"},
        Bad{"ColonBeforeComma", "[b:, c]", "YAML_UNSUPPORTED",
            "line 1, column 3"},
        Bad{"ColonInAnchor", "&x: y\n", "YAML_UNSUPPORTED", "line 1, column 1"},
        Bad{"ColonInAlias", "a: &x 1\nb: *x:\n", "YAML_SYNTAX", "line 2"},
        Bad{"NullKey", "{~: 1}", "YAML_UNSUPPORTED", "line 1, column 2"},
        Bad{"ListAsKey", "? [a]\n: 1\n", "YAML_UNSUPPORTED", "line 1"},
        Bad{"Infinity", "a:\n  b: .inf\n", "YAML_UNSUPPORTED",
            "line 2, column 6"},
        Bad{"KeysEqualInJsonOnly", "{1: a, \"1\": b}", "YAML_DUPLICATE_KEY",
            "line 1, column 8"},
        Bad{"TrueAndQuotedTrue", "{true: a, 'true': b}", "YAML_DUPLICATE_KEY",
            "line 1, column 11"},
        Bad{"IntegerAndFloatKey", "{1: a, 1.0: b}", "YAML_DUPLICATE_KEY",
            "line 1, column 8"},
        Bad{"MergeBehindItsKey", "a: &x {b: 1}\nc: {b: 2, <<: *x}\n",
            "YAML_DUPLICATE_KEY", "line 2"},
        Bad{"TwoMerges", "a: &x {b: 1}\nc: {<<: *x, <<: *x}\n",
            "YAML_DUPLICATE_KEY", "line 2, column 13"},
        Bad{"MergeOfText", "a: {<<: x}\n", "YAML_UNSUPPORTED",
            "line 1, column 9"},
        Bad{"AliasOfDoubledKey", "a: &x {b: 1, b: 2}\nc: *x\n",
            "YAML_DUPLICATE_KEY", "line 2, column 4"},
        Bad{"DeepFlow", Nested(65, "[", "]"), "YAML_TOO_LARGE",
            "line 1, column 65"},
        Bad{"VeryDeepFlow", Nested(100000, "[", "]"), "YAML_TOO_LARGE",
            "line 1, column 65"},
        Bad{"VeryDeepOpenFlow", Nested(100000, "{a: ", ""), "YAML_TOO_LARGE",
            "line 1"},
        Bad{"DeepBlock", Nested(70, "- ", ""), "YAML_TOO_LARGE", "line 1"},
        Bad{"DeepThroughAliases",
            "a: &a " + Nested(40, "[", "]") + "\nb: " + std::string(30, '[') +
                "*a" + std::string(30, ']') + "\n",
            "YAML_TOO_LARGE", "line 2"},
        Bad{"Bomb", Bomb(), "YAML_TOO_LARGE", "line "},
        Bad{"TextBomb", TextBomb(), "YAML_TOO_LARGE", "line 2"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ReadYaml, RefusesTextAboveItsLimits) {
  YamlLimits limits;
  limits.max_bytes = 10;
  EXPECT_THAT(ReadYaml("a: 45678\n\n\n", limits), HasReason("YAML_TOO_LARGE"));
  EXPECT_OK(ReadYaml("a: 45678\n", limits));
  limits = {};
  limits.max_nodes = 4;
  EXPECT_OK(ReadYaml("[1, 2, 3]", limits));
  EXPECT_THAT(ReadYaml("[1, 2, 3, 4]", limits), HasReason("YAML_TOO_LARGE"));
}

TEST(ReadYaml, TakesSeparatorsInsideQuotes) {
  EXPECT_EQ(Compact("a: \"x\xE2\x80\xA8y\"\nb: 'x\xE2\x80\xA9y'\n"),
            "{\"a\":\"x\xE2\x80\xA8y\",\"b\":\"x\xE2\x80\xA9y\"}");
}

TEST(ReadYaml, TakesSixtyFourLevels) {
  EXPECT_OK(ReadYaml(Nested(64, "[", "]")));
}

}  // namespace
}  // namespace countersign::client
