#include "client/artifact/descriptor_digests.h"

#include "absl/strings/match.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/normalisation.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;
using Element = DigestFill::Element;

const DigestSpec kBlob = {"SHA-256", "genericBlobDigest/v1",
                          std::string(64, 'a')};
const DigestSpec kNested = {"SHA-256", "jsonNormalisation/v3",
                            std::string(64, 'b')};

constexpr char kYaml[] = R"(# a comment
meta:
  schemaVersion: v2
component:
  name: acme.org/x/y
  version: "1.10"
  provider: acme
  extra: {"on": [[1, [2, -0.0]], [], {}], no: ~, "": 1, "a: b": "<&>"}
  repositoryContexts: []
  labels:
  - name: text
    value: "lines\nof\ttext\n"
  - name: words
    value: ["yes", "0x1", "1e3", "", " x", "#", "é\u2028", "2001-01-01"]
  sources: []
  componentReferences:
  - {name: ref, version: v1, componentName: acme.org/z/z}
  resources:
  - name: data
    version: v1
    type: plainText
    relation: local
    access: {type: localBlob, localReference: "sha256:00", mediaType: a/b+c}
signatures: []
)";

constexpr char kJson[] = R"({"meta":{"schemaVersion":"v2"},"component":{)"
                         R"("name":"acme.org/x/y","version":"1.0.0",)"
                         R"("provider":"acme/ü","repositoryContexts":[],)"
                         R"("sources":[],"componentReferences":[],)"
                         R"("resources":[{"name":"data","version":"v1",)"
                         R"("type":"t","relation":"local","access":)"
                         R"({"type":"localBlob"}}]}})";

ComponentDescriptor ParseOrDie(const std::string& text) {
  auto descriptor = ComponentDescriptor::Parse(text);
  EXPECT_OK(descriptor) << text;
  return *std::move(descriptor);
}

TEST(FillDigestsTest, LeavesATextAloneWhereNothingIsToFill) {
  ASSERT_OK_AND_ASSIGN(const std::string text, FillDigests(kYaml, {}));
  EXPECT_EQ(text, kYaml);
}

TEST(FillDigestsTest, WritesBlockYamlWithEverythingElseAsItWas) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillDigests(kYaml, {{Element::kResource, 0, kBlob},
                                           {Element::kReference, 0, kNested}}));
  const ComponentDescriptor before = ParseOrDie(kYaml);
  const ComponentDescriptor after = ParseOrDie(text);
  EXPECT_EQ(after.model().resources[0].digest, kBlob);
  EXPECT_EQ(after.model().references[0].digest, kNested);
  base::Json document = after.document();
  base::Json& component = *document.Find("component");
  component.Find("resources")->array()[0].Erase("digest");
  component.Find("componentReferences")->array()[0].Erase("digest");
  EXPECT_EQ(document, before.document()) << text;
  EXPECT_TRUE(absl::StartsWith(text, "meta:\n  schemaVersion: v2\n")) << text;
  EXPECT_THAT(text, HasSubstr("version: \"1.10\"\n"));
}

TEST(FillDigestsTest, ReplacesADigest) {
  ASSERT_OK_AND_ASSIGN(const std::string first,
                       FillDigests(kYaml, {{Element::kResource, 0, kNested}}));
  ASSERT_OK_AND_ASSIGN(const std::string second,
                       FillDigests(first, {{Element::kResource, 0, kBlob}}));
  EXPECT_EQ(ParseOrDie(second).model().resources[0].digest, kBlob);
}

TEST(FillDigestsTest, KeepsJsonAsJsonThatYamlParsersRead) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillDigests(kJson, {{Element::kResource, 0, kBlob}}));
  EXPECT_TRUE(absl::StartsWith(text, "{\"meta\":{\"schemaVersion\":\"v2\"}"));
  EXPECT_THAT(text, HasSubstr("\"acme/ü\""));
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_OK(base::ParseJson(text));
  // Of several lines it is where it was.
  const std::string lines =
      absl::StrCat(base::PrettyJson(*base::ParseJson(kJson)), "\n");
  ASSERT_OK_AND_ASSIGN(const std::string wide,
                       FillDigests(lines, {{Element::kResource, 0, kBlob}}));
  EXPECT_THAT(wide, HasSubstr("\n        \"digest\": {\n"
                              "          \"hashAlgorithm\""));
}

TEST(FillDigestsTest, RefusesAnElementThatIsNotThere) {
  EXPECT_THAT(FillDigests(kJson, {{Element::kReference, 0, kNested}}).status(),
              HasReason("DESCRIPTOR_LAYOUT"));
}

TEST(FillDigestsTest, FillsTheOtherSchema) {
  constexpr char kV3[] =
      "apiVersion: ocm.software/v3alpha1\nkind: ComponentVersion\n"
      "metadata: {name: acme.org/x/y, version: v1, provider: {name: acme}}\n"
      "spec:\n  references:\n  - name: ref\n    version: v1\n"
      "    componentName: acme.org/z/z\n";
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillDigests(kV3, {{Element::kReference, 0, kNested}}));
  EXPECT_EQ(ParseOrDie(text).model().references[0].digest, kNested);
}

// Every hard descriptor has the same bytes in every normalisation after it was
// written anew with the digests that it had.
TEST(FillDigestsTest, KeepsTheBytesOfHardDescriptors) {
  constexpr char kHard[] = "client/artifact/testdata/hard/";
  ASSERT_OK_AND_ASSIGN(const std::string list,
                       base::ReadFile(std::string(kHard) + "vectors.json"));
  ASSERT_OK_AND_ASSIGN(const base::Json vectors, base::ParseJson(list));
  int rewritten = 0;
  for (const base::Json& vector : vectors.array()) {
    const std::string& file = vector.Find("descriptor")->string();
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         base::ReadFile(std::string(kHard) + file));
    const ComponentDescriptor before = ParseOrDie(text);
    std::vector<DigestFill> fills;
    const auto& resources = before.model().resources;
    for (size_t i = 0; i < resources.size(); ++i) {
      if (!resources[i].digest) continue;
      fills.push_back({Element::kResource, i, *resources[i].digest});
    }
    if (fills.empty()) continue;
    ++rewritten;
    ASSERT_OK_AND_ASSIGN(const std::string written, FillDigests(text, fills));
    const std::string& name = vector.Find("normalisationAlgorithm")->string();
    ASSERT_OK_AND_ASSIGN(const std::string want, Normalise(before, name));
    ASSERT_OK_AND_ASSIGN(const std::string got,
                         Normalise(ParseOrDie(written), name));
    EXPECT_EQ(got, want) << file << " " << name << "\n" << written;
  }
  EXPECT_GT(rewritten, 10);
}

}  // namespace
}  // namespace countersign::client
