#include "server/config/yaml_document.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using Kind = YamlNode::Kind;

TEST(ParseYaml, GivesATreeWithPlaces) {
  ASSERT_OK_AND_ASSIGN(const YamlNode root, ParseYaml("# top\n"
                                                      "a: one\n"
                                                      "b:\n"
                                                      "  - 'two'\n"
                                                      "  - c: ~\n"));
  ASSERT_EQ(root.kind, Kind::kMap);
  ASSERT_EQ(root.children.size(), 2u);
  const YamlNode& a = root.children[0];
  EXPECT_EQ(a.kind, Kind::kScalar);
  EXPECT_EQ(a.key, "a");
  EXPECT_EQ(a.scalar, "one");
  EXPECT_FALSE(a.quoted);
  EXPECT_EQ(a.key_line, 2);
  EXPECT_EQ(a.key_column, 1);
  EXPECT_EQ(a.line, 2);
  EXPECT_EQ(a.column, 4);
  const YamlNode& b = root.children[1];
  ASSERT_EQ(b.kind, Kind::kList);
  ASSERT_EQ(b.children.size(), 2u);
  EXPECT_TRUE(b.children[0].quoted);
  EXPECT_EQ(b.children[0].line, 4);
  EXPECT_EQ(b.children[0].column, 5);
  ASSERT_EQ(b.children[1].kind, Kind::kMap);
  EXPECT_EQ(b.children[1].children[0].kind, Kind::kNull);
  EXPECT_EQ(b.children[1].children[0].key, "c");
}

TEST(ParseYaml, KeepsKeysThatAreThereTwice) {
  ASSERT_OK_AND_ASSIGN(const YamlNode root, ParseYaml("a: 1\na: 2\n"));
  EXPECT_EQ(root.children.size(), 2u);
}

struct Refusal {
  const char* name;
  std::string text;
  const char* want;
};
class ParseYamlRefuses : public testing::TestWithParam<Refusal> {};
TEST_P(ParseYamlRefuses, WithThePlaceOfTheTable) {
  EXPECT_THAT(ParseYaml(GetParam().text),
              base::StatusIs(absl::StatusCode::kInvalidArgument,
                             testing::StartsWith(GetParam().want)));
}

std::string Repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseYamlRefuses,
    testing::ValuesIn<Refusal>({
        {"Nothing", "", "1:1: the file is empty"},
        {"OpenQuote", "a: 1\nb: \"x\n",
         "2:4: not YAML: the quote is never closed"},
        {"OpenSingleQuote", "a: 'x",
         "1:4: not YAML: the quote is never closed"},
        {"OpenQuotedKey", "a: 1\n\"b: 2\n", "2:1: not YAML"},
        {"OpenList", "a: [1, 2\n", "2:1: not YAML"},
        {"Indentation", "a: 1\n  b: 2\n", "2:4: not YAML"},
        {"Tabs", "a:\n\tb: 2\n", "2:3: not YAML"},
        {"BrokenUtf8", "a: 1\nbc: \xff\n", "2:5: not UTF-8"},
        {"Utf16", std::string("\xff\xfe\x61\x00", 4), "1:1: not UTF-8"},
        {"Anchor", "a: &x 1\n", "1:4: anchors"},
        {"Alias", "a: &x 1\nb: *x\n", "1:4: anchors"},
        {"UnknownAlias", "b: *x\n", "1:4: "},
        {"Tag", "a: !!binary aGk=\n", "1:4: tags"},
        {"MapTag", "a: !x {}\n", "1:4: tags"},
        {"ListAsKey", "[a]: 1\n", "1:1: a field's name"},
        {"MapAsKey", "? {a: 1}\n: 2\n", "1:3: a field's name"},
        {"NullAsKey", "~: 1\n", "1:1: a field's name"},
        {"TwoDocuments", "a: 1\n---\nb: 2\n", "1:1: more than one YAML"},
        {"Deep", Repeated("[", 33) + Repeated("]", 33),
         "1:33: more than 32 levels"},
        {"VeryDeep", Repeated("[", 100000), "1:"},
        {"VeryDeepMaps", Repeated("{a: ", 100000), "1:"},
        {"Many", "a: [" + Repeated("1,", 50000) + "1]", "1:"},
        {"Long", "a: " + std::string(1 << 20, 'x'), "1:1: more than 1 MiB"},
        // Ten levels of ten aliases each would be 10^10 values.
        {"Bomb",
         "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n",
         "1:4: anchors"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ParseYaml, SurvivesEveryBeginningAndEveryDamagedOctet) {
  const std::string text =
      "a: {b: [1, 'two', \"three\\n\"], c: ~}\nd:\n  - e: |\n      text\n";
  ASSERT_OK(ParseYaml(text));
  for (size_t i = 0; i < text.size(); ++i) {
    (void)ParseYaml(text.substr(0, i)).ok();
    for (const char c :
         {'\0', '{', ']', ':', '*', '&', '!', '\t', '%', '\xff'}) {
      std::string damaged = text;
      damaged[i] = c;
      (void)ParseYaml(damaged).ok();
    }
  }
}

}  // namespace
}  // namespace countersign::server
