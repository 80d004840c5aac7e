#include "client/artifact/descriptor_writer.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "client/artifact/component_descriptor.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using testing::AllOf;
using testing::StrEq;

constexpr char kPem[] =
    "-----BEGIN SIGNATURE-----\nSignature Algorithm: RSASSA-PSS\n\nMIIB\n"
    "-----END SIGNATURE-----\n";

DescriptorSignature Signature(const std::string& name,
                              const std::string& value = "00ff") {
  DescriptorSignature signature;
  signature.name = name;
  signature.digest = {"SHA-256", "jsonNormalisation/v3", "12e4"};
  signature.algorithm = "RSASSA-PKCS1-V1_5";
  signature.media_type = "application/vnd.ocm.signature.rsa";
  signature.value = value;
  return signature;
}

constexpr char kComponent[] =
    "component:  # odd   spacing\n"
    "    name: 'acme.org/x'\n"
    "    version: \"1.0.0\"\n"
    "    provider: p\n"
    "    repositoryContexts: []\n"
    "    sources: []\n"
    "    componentReferences: []\n"
    "    resources: []\n";
constexpr char kMeta[] = "meta: {schemaVersion: v2}\n";

// What is added for Signature("new"), at the left edge.
constexpr char kEntry[] =
    "- name: new\n"
    "  digest:\n"
    "    hashAlgorithm: SHA-256\n"
    "    normalisationAlgorithm: jsonNormalisation/v3\n"
    "    value: \"12e4\"\n"
    "  signature:\n"
    "    algorithm: RSASSA-PKCS1-V1_5\n"
    "    mediaType: application/vnd.ocm.signature.rsa\n"
    "    value: 00ff\n";

// An entry that was there before.
std::string Old(absl::string_view name) {
  return absl::StrCat("- name: ", name,
                      "  # kept\n  signature: {value: aa, algorithm: 'b', "
                      "mediaType: c}\n  digest: {hashAlgorithm: d, "
                      "normalisationAlgorithm: e, value: f}\n");
}

// Whether `after` is `before` with one piece put in.
bool IsInsertion(absl::string_view before, absl::string_view after) {
  size_t front = 0;
  while (front < before.size() && front < after.size() &&
         before[front] == after[front]) {
    ++front;
  }
  size_t back = 0;
  while (back < before.size() - front && back < after.size() - front &&
         before[before.size() - 1 - back] == after[after.size() - 1 - back]) {
    ++back;
  }
  return front + back == before.size();
}

struct Row {
  const char* name;
  std::string before;
  std::string after;
};

class AddsToBlock : public testing::TestWithParam<Row> {};

TEST_P(AddsToBlock, AndKeepsEveryOtherOctet) {
  EXPECT_THAT(AddSignature(GetParam().before, Signature("new")),
              IsOkAndHolds(StrEq(GetParam().after)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, AddsToBlock,
    testing::Values(
        Row{"Absent", absl::StrCat(kMeta, kComponent),
            absl::StrCat(kMeta, kComponent, "signatures:\n", kEntry)},
        Row{"AbsentNoFinalNewline",
            absl::StrCat(kComponent, "meta: {schemaVersion: v2}"),
            absl::StrCat(kComponent, kMeta, "signatures:\n", kEntry)},
        Row{"AbsentWithDocumentMarkers",
            absl::StrCat("# top\n---\n", kMeta, kComponent, "...\n# end\n"),
            absl::StrCat("# top\n---\n", kMeta, kComponent, "signatures:\n",
                         kEntry, "...\n# end\n")},
        Row{"AbsentWithCommentAtTheEnd",
            absl::StrCat(kMeta, kComponent, "# end\n"),
            absl::StrCat(kMeta, kComponent, "# end\nsignatures:\n", kEntry)},
        // Lines behind it would change "|+": the entry goes to the front.
        Row{"AbsentBehindOpenLiteral",
            absl::StrCat(kMeta, kComponent, "note: |-\n  text"),
            absl::StrCat(kMeta, kComponent, "note: |-\n  text\nsignatures:\n",
                         kEntry)},
        Row{"AbsentBehindLiteralWithoutNewline",
            absl::StrCat(kMeta, kComponent, "note: |+\n  text"),
            absl::StrCat("signatures:\n", kEntry, kMeta, kComponent,
                         "note: |+\n  text")},
        Row{"AbsentWithByteOrderMark",
            absl::StrCat("\xEF\xBB\xBF", kMeta, kComponent),
            absl::StrCat("\xEF\xBB\xBF", kMeta, kComponent, "signatures:\n",
                         kEntry)},
        Row{"EmptyList", absl::StrCat(kMeta, "signatures: []\n", kComponent),
            absl::StrCat(kMeta, "signatures:\n", kEntry, kComponent)},
        Row{"EmptyListWithComment",
            absl::StrCat(kMeta, "signatures: [ ]  # none yet\n", kComponent),
            absl::StrCat(kMeta, "signatures:  # none yet\n", kEntry,
                         kComponent)},
        Row{"EmptyListAtTheVeryEnd",
            absl::StrCat(kMeta, kComponent, "signatures: []"),
            absl::StrCat(kMeta, kComponent, "signatures:\n", kEntry)},
        Row{"Null", absl::StrCat(kMeta, kComponent, "signatures: null\n"),
            absl::StrCat(kMeta, kComponent, "signatures:\n", kEntry)},
        Row{"Tilde", absl::StrCat(kMeta, "'signatures' : ~\n", kComponent),
            absl::StrCat(kMeta, "'signatures' :\n", kEntry, kComponent)},
        Row{"Nothing", absl::StrCat(kMeta, "signatures:  \n", kComponent),
            absl::StrCat(kMeta, "signatures:  \n", kEntry, kComponent)},
        Row{"NothingAtTheVeryEnd",
            absl::StrCat(kMeta, kComponent, "signatures:"),
            absl::StrCat(kMeta, kComponent, "signatures:\n", kEntry)},
        Row{"BlockListAtTheEnd",
            absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a"),
                         "\n# end\n"),
            absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a"), kEntry,
                         "\n# end\n")},
        Row{"BlockListInTheMiddle",
            absl::StrCat(kMeta, "signatures: # s\n", Old("a"), Old("b"),
                         "\n# about the component\n", kComponent),
            absl::StrCat(kMeta, "signatures: # s\n", Old("a"), Old("b"), kEntry,
                         "\n# about the component\n", kComponent)},
        Row{"BlockListWithoutFinalNewline",
            absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a"),
                         "  timestamp: {}"),
            absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a"),
                         "  timestamp: {}\n", kEntry)},
        Row{"IndentedBlockList",
            absl::StrCat(kMeta, kComponent, "signatures:\n   ",
                         absl::StrReplaceAll(Old("a"), {{"\n  ", "\n     "}})),
            absl::StrCat(kMeta, kComponent, "signatures:\n   ",
                         absl::StrReplaceAll(Old("a"), {{"\n  ", "\n     "}}),
                         "   ",
                         absl::StrReplaceAll(absl::string_view(kEntry).substr(
                                                 0, sizeof(kEntry) - 2),
                                             {{"\n", "\n   "}}),
                         "\n")},
        Row{"DashOnItsOwnLine",
            absl::StrCat(kMeta, kComponent, "signatures:\n-\n",
                         absl::StrReplaceAll(Old("a"), {{"- ", "  "}})),
            absl::StrCat(kMeta, kComponent, "signatures:\n-\n",
                         absl::StrReplaceAll(Old("a"), {{"- ", "  "}}),
                         kEntry)},
        Row{"AnchorsAround",
            absl::StrCat(kMeta, kComponent, "signatures:\n- &one\n",
                         absl::StrReplaceAll(Old("a"), {{"- ", "  "}}),
                         "copy: *one\n"),
            absl::StrCat(kMeta, kComponent, "signatures:\n- &one\n",
                         absl::StrReplaceAll(Old("a"), {{"- ", "  "}}), kEntry,
                         "copy: *one\n")},
        Row{"FlowListInBlock",
            absl::StrCat(kMeta, kComponent,
                         "signatures: [{name: a, signature: {algorithm: x, "
                         "value: z, mediaType: '}]'}, digest: {}}] # c\n"),
            absl::StrCat(
                kMeta, kComponent,
                "signatures: [{name: a, signature: {algorithm: x, "
                "value: z, mediaType: '}]'}, digest: {}}, "
                R"({"name":"new","digest":{"hashAlgorithm":"SHA-256",)"
                R"("normalisationAlgorithm":"jsonNormalisation/v3",)"
                R"("value":"12e4"},"signature":{"algorithm":)"
                R"("RSASSA-PKCS1-V1_5","mediaType":)"
                R"("application/vnd.ocm.signature.rsa","value":"00ff"}})"
                "] # c\n")}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(AddSignature, KeepsCarriageReturns) {
  const std::string before = absl::StrReplaceAll(
      absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a")),
      {{"\n", "\r\n"}});
  const std::string after =
      absl::StrCat(before, absl::StrReplaceAll(kEntry, {{"\n", "\r\n"}}));
  EXPECT_THAT(AddSignature(before, Signature("new")),
              IsOkAndHolds(StrEq(after)));
}

constexpr char kCompactEntry[] =
    R"({"name":"new","digest":{"hashAlgorithm":"SHA-256",)"
    R"("normalisationAlgorithm":"jsonNormalisation/v3","value":"12e4"},)"
    R"("signature":{"algorithm":"RSASSA-PKCS1-V1_5",)"
    R"("mediaType":"application/vnd.ocm.signature.rsa","value":"00ff"}})";
constexpr char kCompactStart[] =
    R"({"meta":{"schemaVersion":"v2"},"component":{"name":"acme.org/x",)"
    R"("version":"1.0.0","provider":"p","repositoryContexts":[],)"
    R"("sources":[],"componentReferences":[],"resources":[]})";

TEST(AddSignature, KeepsCompactJson) {
  for (const char* list :
       {"", R"(,"signatures":[])", R"(,"signatures":null)"}) {
    EXPECT_THAT(
        AddSignature(absl::StrCat(kCompactStart, list, "}"), Signature("new")),
        IsOkAndHolds(StrEq(absl::StrCat(kCompactStart, R"(,"signatures":[)",
                                        kCompactEntry, "]}"))))
        << list;
  }
}

TEST(AddSignature, AppendsInCompactJson) {
  ASSERT_OK_AND_ASSIGN(
      const std::string one,
      AddSignature(absl::StrCat(kCompactStart, "}\n"), Signature("one")));
  ASSERT_OK_AND_ASSIGN(const std::string two,
                       AddSignature(one, Signature("new")));
  EXPECT_EQ(two, absl::StrCat(one.substr(0, one.size() - 3), ", ",
                              kCompactEntry, "]}\n"));
}

// Two blanks, four blanks, tabs; with and without signatures before.
TEST(AddSignature, WritesPrettyJsonInTheTextsOwnIndentation) {
  for (const std::string unit : {"  ", "    ", "\t"}) {
    const std::string start = absl::StrCat(
        "{\n", unit, R"("meta": {"schemaVersion": "v2"},)", "\n", unit,
        R"("component": {"name": "acme.org/x", "version": "1.0.0",)",
        R"( "provider": "p", "repositoryContexts": [], "sources": [],)",
        R"( "componentReferences": [], "resources": []})");
    const std::string u2 = unit + unit;
    const std::string u3 = u2 + unit;
    const std::string u4 = u3 + unit;
    const auto entry = [&](const char* name) {
      return absl::StrCat(
          u2, "{\n", u3, "\"name\": \"", name, "\",\n", u3, "\"digest\": {\n",
          u4, "\"hashAlgorithm\": \"SHA-256\",\n", u4,
          "\"normalisationAlgorithm\": \"jsonNormalisation/v3\",\n", u4,
          "\"value\": \"12e4\"\n", u3, "},\n", u3, "\"signature\": {\n", u4,
          "\"algorithm\": \"RSASSA-PKCS1-V1_5\",\n", u4,
          "\"mediaType\": \"application/vnd.ocm.signature.rsa\",\n", u4,
          "\"value\": \"00ff\"\n", u3, "}\n", u2, "}");
    };
    ASSERT_OK_AND_ASSIGN(
        const std::string one,
        AddSignature(absl::StrCat(start, "\n}\n"), Signature("new")));
    EXPECT_EQ(one, absl::StrCat(start, ",\n", unit, "\"signatures\": [\n",
                                entry("new"), "\n", unit, "]\n}\n"));
    ASSERT_OK_AND_ASSIGN(const std::string two,
                         AddSignature(one, Signature("more")));
    EXPECT_EQ(two, absl::StrCat(start, ",\n", unit, "\"signatures\": [\n",
                                entry("new"), ",\n", entry("more"), "\n", unit,
                                "]\n}\n"));
  }
}

TEST(AddSignature, CopesWithCommentsAndTrailingCommasInFlowYaml) {
  for (const char* end : {",}", " # c\n}", ", # c\n}", "\n  }\n# c\n"}) {
    const std::string before = absl::StrCat(kCompactStart, end);
    ASSERT_OK_AND_ASSIGN(const std::string after,
                         AddSignature(before, Signature("new")));
    EXPECT_TRUE(IsInsertion(before, after)) << after;
  }
}

TEST(AddSignature, WritesPemAsALiteralBlock) {
  DescriptorSignature signature = Signature("release", kPem);
  signature.media_type = "application/x-pem-file";
  signature.algorithm = "RSASSA-PSS";
  ASSERT_OK_AND_ASSIGN(
      const std::string after,
      AddSignature(absl::StrCat(kMeta, kComponent), signature));
  EXPECT_TRUE(absl::EndsWith(
      after,
      "    value: |\n      -----BEGIN SIGNATURE-----\n      Signature "
      "Algorithm: RSASSA-PSS\n\n      MIIB\n      -----END "
      "SIGNATURE-----\n"))
      << after;
  // Another one behind it does not change it.
  ASSERT_OK_AND_ASSIGN(const std::string more,
                       AddSignature(after, Signature("new")));
  EXPECT_EQ(more, absl::StrCat(after, kEntry));
}

TEST(AddSignature, RefusesANameThatIsThere) {
  const std::string text =
      absl::StrCat(kMeta, kComponent, "signatures:\n", Old("a"));
  EXPECT_THAT(AddSignature(text, Signature("a")),
              AllOf(HasReason("SIGNATURE_EXISTS"),
                    base::HasCode(absl::StatusCode::kFailedPrecondition)));
}

TEST(AddSignature, ReplacesInPlace) {
  const std::string before =
      absl::StrCat(kMeta, "signatures:\n", Old("a"), "\n# b\n", Old("new"),
                   "# c\n", Old("c"), kComponent);
  EXPECT_THAT(AddSignature(before, Signature("new"), true),
              IsOkAndHolds(StrEq(absl::StrCat(kMeta, "signatures:\n", Old("a"),
                                              "\n# b\n", kEntry, "# c\n",
                                              Old("c"), kComponent))));
}

TEST(AddSignature, ReplacesInJson) {
  ASSERT_OK_AND_ASSIGN(
      std::string text,
      AddSignature(absl::StrCat(kCompactStart, "}"), Signature("one")));
  ASSERT_OK_AND_ASSIGN(text, AddSignature(text, Signature("new", "11")));
  ASSERT_OK_AND_ASSIGN(text, AddSignature(text, Signature("three")));
  ASSERT_OK_AND_ASSIGN(const std::string after,
                       AddSignature(text, Signature("new"), true));
  EXPECT_EQ(after, absl::StrReplaceAll(text, {{"\"11\"", "\"00ff\""}}));
}

TEST(AddSignature, AddsWithReplaceWhereTheNameIsNotThere) {
  EXPECT_THAT(
      AddSignature(absl::StrCat(kMeta, kComponent), Signature("new"), true),
      IsOkAndHolds(
          StrEq(absl::StrCat(kMeta, kComponent, "signatures:\n", kEntry))));
}

TEST(AddSignature, RefusesToReplaceOneOfTwo) {
  const std::string text =
      absl::StrCat(kMeta, kComponent, "signatures:\n", Old("new"), Old("new"));
  EXPECT_THAT(AddSignature(text, Signature("new"), true),
              HasReason("SIGNATURE_AMBIGUOUS"));
}

TEST(AddSignature, RefusesWhatItCannotEditWithoutDamage) {
  const std::string texts[] = {
      // The list is another node's alias.
      absl::StrCat(kMeta, "other: &s []\nsignatures: *s\n", kComponent),
      // The list is an anchor that is used elsewhere.
      absl::StrCat(kMeta, "signatures: &s\n", Old("a"), "other: *s\n",
                   kComponent),
      // An entry that a replacement would take from under an alias.
      absl::StrCat(kMeta, "signatures:\n- &s\n",
                   absl::StrReplaceAll(Old("new"), {{"- ", "  "}}),
                   "other: *s\n", kComponent),
  };
  for (const std::string& text : texts) {
    EXPECT_THAT(AddSignature(text, Signature("new"), true),
                HasReason("DESCRIPTOR_LAYOUT"))
        << text;
  }
}

TEST(AddSignature, RefusesBrokenTexts) {
  EXPECT_THAT(AddSignature("a: [", Signature("new")), HasReason("YAML_SYNTAX"));
  EXPECT_THAT(AddSignature("a: 1", Signature("new")),
              HasReason("DESCRIPTOR_SCHEMA"));
  EXPECT_THAT(AddSignature(absl::StrCat(kMeta, kComponent), Signature("")),
              HasReason("SIGNATURE_NAME_INVALID"));
  EXPECT_THAT(AddSignature(absl::StrCat(kMeta, kComponent), Signature("a\nb")),
              HasReason("SIGNATURE_NAME_INVALID"));
}

TEST(AddSignature, QuotesNamesThatYamlWouldReadOtherwise) {
  for (const char* name :
       {"yes", "n", "1.0", "010", "~", "null", "- x", "a: b", "#x", "CN=a,O=b",
        "\xC3\xA9", "'q'", "\"q\"", "\\", "<<", "a\xE2\x80\xA9z"}) {
    for (const std::string& text :
         {absl::StrCat(kMeta, kComponent), absl::StrCat(kCompactStart, "}")}) {
      const absl::StatusOr<std::string> after =
          AddSignature(text, Signature(name));
      if (base::GetReason(after.status()) == "SIGNATURE_NAME_INVALID") continue;
      ASSERT_OK(after) << name;
      ASSERT_OK_AND_ASSIGN(const ComponentDescriptor read,
                           ComponentDescriptor::Parse(*after));
      EXPECT_OK(read.FindSignature(name));
    }
  }
}

// Property: whatever the text looks like, the result without the new piece is
// the text, and what was meant is read back. Seeded, so that it repeats.
class Shuffler {
 public:
  explicit Shuffler(unsigned seed) : engine_(seed) {}
  size_t Below(size_t n) { return engine_() % n; }
  std::string OneOf(const std::vector<std::string>& choices) {
    return choices[Below(choices.size())];
  }

 private:
  std::mt19937 engine_;
};

std::string RandomSignatures(Shuffler& random) {
  std::string text = random.OneOf(
      {"", "", "signatures: []\n", "signatures: null # n\n", "signatures:\n",
       "\"signatures\":   [  ]\n", "list", "list", "list"});
  if (text != "list") return text;
  text = random.OneOf({"signatures:\n", "signatures: # c\n"});
  const size_t count = 1 + random.Below(3);
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(
        &text, Old(absl::StrCat("old", i)),
        random.OneOf({"", "  timestamp: {value: x}\n",
                      "  timestamp:\n    value: |+\n      # x\n\n\n"}),
        random.OneOf({"", "\n", "# c\n", "  # deep\n", "\n\n# d\n"}));
  }
  return text;
}

TEST(AddSignature, RandomTextsKeepEverythingElse) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    Shuffler random(seed);
    std::vector<std::string> parts = {
        kMeta, kComponent, RandomSignatures(random),
        random.OneOf({"", "x: |\n  a\n\n  b\n", "x: |+\n  a\n\n\n",
                      "x: >-\n  # no comment\n  b\n", "x: [1,\n  2] # c\n",
                      "x: 'a\n\n  b'\n", "x: &a {b: c}\ny: *a\n"}),
        random.OneOf({"", "# comment\n", "\n\n", "z: ~\n"})};
    std::shuffle(parts.begin(), parts.end(), std::mt19937(seed));
    std::string text = random.OneOf({"", "---\n", "# first\n"});
    for (const std::string& part : parts) text += part;
    if (random.Below(4) == 0) text += "...\n";
    if (random.Below(4) == 0) {
      text = absl::StrReplaceAll(text, {{"\n", "\r\n"}});
    } else if (random.Below(4) == 0 && text.back() == '\n') {
      text.pop_back();
    }
    SCOPED_TRACE(text);
    ASSERT_OK_AND_ASSIGN(const ComponentDescriptor before,
                         ComponentDescriptor::Parse(text));
    ASSERT_OK_AND_ASSIGN(const std::string after,
                         AddSignature(text, Signature("new", kPem)));
    ASSERT_OK_AND_ASSIGN(const ComponentDescriptor read,
                         ComponentDescriptor::Parse(after));
    ASSERT_EQ(read.signatures().size(), before.signatures().size() + 1);
    if (!absl::StrContains(text, "signatures: []") &&
        !absl::StrContains(text, "null # n") &&
        !absl::StrContains(text, "[  ]")) {
      EXPECT_TRUE(IsInsertion(text, after)) << after;
    }
    EXPECT_EQ(read.signatures().back(), Signature("new", kPem));
    // One more, then the first again in its place: the second stays.
    ASSERT_OK_AND_ASSIGN(const std::string more,
                         AddSignature(after, Signature("second")));
    ASSERT_OK_AND_ASSIGN(
        const std::string replaced,
        AddSignature(more, Signature("new", "ab"), /*replace=*/true));
    ASSERT_OK_AND_ASSIGN(const ComponentDescriptor last,
                         ComponentDescriptor::Parse(replaced));
    EXPECT_EQ(last.signatures().back(), Signature("second"));
    EXPECT_EQ(last.FindSignature("new")->value, "ab");
  }
}

}  // namespace
}  // namespace countersign::client
