#include "client/artifact/component_descriptor.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kGood[] = R"(meta: {schemaVersion: v2}
component:
  name: acme.org/test/app
  version: 1.2.3
  provider: acme.org
  labels: [{name: ll, value: 1}]
  repositoryContexts: [{type: OCIRegistry, baseUrl: example.org}]
  sources: [{name: src, version: v1, type: git, access: {type: git}}]
  componentReferences: [{name: ref, version: 1.0.0, componentName: acme.org/x}]
  resources:
  - name: blob
    version: 1.2.3
    type: plainText
    relation: local
    access: {type: localBlob}
    digest: {hashAlgorithm: SHA-256, normalisationAlgorithm: genericBlobDigest/v1, value: aa}
signatures:
- name: first
  digest: {hashAlgorithm: SHA-256, normalisationAlgorithm: jsonNormalisation/v3, value: bb}
  signature: {algorithm: RSASSA-PSS, mediaType: application/x-pem-file, value: cc, issuer: CN=x}
)";

constexpr char kGoodV3Alpha1[] = R"(apiVersion: ocm.software/v3alpha1
kind: ComponentVersion
metadata:
  name: acme.org/test/app
  version: 1.2.3
  provider: {name: acme.org}
spec:
  references: [{name: ref, version: 1.0.0, componentName: acme.org/x}]
)";

// kGood with one piece replaced.
std::string With(absl::string_view from, absl::string_view to) {
  const std::string text = absl::StrReplaceAll(kGood, {{from, to}});
  EXPECT_NE(text, kGood) << from;
  return text;
}

TEST(ComponentDescriptor, ReadsSchemaV2) {
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(kGood));
  EXPECT_EQ(descriptor.name(), "acme.org/test/app");
  EXPECT_EQ(descriptor.version(), "1.2.3");
  EXPECT_EQ(descriptor.provider(), "acme.org");
  EXPECT_EQ(descriptor.model().resources.size(), 1u);
  EXPECT_EQ(descriptor.model().sources.size(), 1u);
  EXPECT_EQ(descriptor.model().references.size(), 1u);
  ASSERT_EQ(descriptor.signatures().size(), 1u);
  EXPECT_EQ(descriptor.signatures()[0].issuer, "CN=x");
  EXPECT_EQ(descriptor.signatures()[0].digest.value, "bb");
  EXPECT_OK(descriptor.StrictCheck());
  EXPECT_THAT(descriptor.warnings(), testing::IsEmpty());
}

TEST(ComponentDescriptor, ReadsSchemaV3Alpha1) {
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(kGoodV3Alpha1));
  EXPECT_EQ(descriptor.model().schema, DescriptorModel::Schema::kV3Alpha1);
  EXPECT_EQ(descriptor.provider(), "acme.org");
  EXPECT_EQ(descriptor.model().references.size(), 1u);
  EXPECT_OK(descriptor.StrictCheck());
}

TEST(ComponentDescriptor, FindsASignatureByName) {
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(kGood));
  ASSERT_OK_AND_ASSIGN(const DescriptorSignature signature,
                       descriptor.FindSignature("first"));
  EXPECT_EQ(signature.algorithm, "RSASSA-PSS");
  EXPECT_THAT(descriptor.FindSignature("second"),
              AllOf(HasReason("SIGNATURE_NOT_FOUND"),
                    StatusIs(absl::StatusCode::kNotFound,
                             HasSubstr("there are: \"first\""))));
}

TEST(ComponentDescriptor, WarnsOfADoubledKeyInALabelValue) {
  ASSERT_OK_AND_ASSIGN(
      const ComponentDescriptor descriptor,
      ComponentDescriptor::Parse(With("value: 1", "value: {a: 1, a: 2}")));
  EXPECT_THAT(descriptor.warnings(),
              testing::ElementsAre(
                  "line 6, column 37: component.labels[0].value has the key "
                  "\"a\" twice; the last counts"));
}

struct Bad {
  const char* name;
  const char* from;
  const char* to;
  const char* message;
};

std::string NameOf(const testing::TestParamInfo<Bad>& info) {
  return info.param.name;
}

class FatalDescriptor : public testing::TestWithParam<Bad> {};

TEST_P(FatalDescriptor, IsRefusedWithThePath) {
  EXPECT_THAT(ComponentDescriptor::Parse(With(GetParam().from, GetParam().to)),
              AllOf(HasReason("DESCRIPTOR_SCHEMA"),
                    StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Table, FatalDescriptor,
    testing::Values(
        Bad{"NumberAsVersion", "version: v1", "version: 1.10",
            "component.sources[0].version must be a string, it is a number"},
        Bad{"BooleanAsName", "name: ll", "name: n",
            "component.labels[0].name must be a string, it is a boolean"},
        Bad{"TextAsSigning", "value: 1}", "value: 1, signing: \"true\"}",
            "component.labels[0].signing must be true or false"},
        Bad{"TextAsList", "resources:\n", "resources: none\n  more:\n",
            "component.resources must be a list, it is a string"},
        Bad{"TextAsElement",
            "[{name: src, version: v1, type: git, access: "
            "{type: git}}]",
            "[src]", "component.sources[0] must be an object"},
        Bad{"NumberInExtraIdentity", "relation: local",
            "relation: local\n    extraIdentity: {os: 1}",
            "component.resources[0].extraIdentity.os must be a string"},
        Bad{"OtherCase", "value: 1}", "value: 1, Signing: true}",
            "has the field \"Signing\"; write it as \"signing\""},
        Bad{"OtherCaseOnTop",
            "signatures:", "Signatures:", "write it as \"signatures\""},
        Bad{"KelvinSign", "value: 1}", "value: 1, \"\xC5\xBFigning\": true}",
            "write it as \"signing\""},
        Bad{"UnknownSchema", "schemaVersion: v2", "schemaVersion: v3",
            "meta.schemaVersion is \"v3\"; known is v2"},
        Bad{"NoMeta", "meta: {schemaVersion: v2}", "x: y", "meta is required"},
        Bad{"NoComponent", "component:\n", "other:\n", "component is required"},
        Bad{"NoName", "name: acme.org/test/app\n", "other: x\n",
            "name of the component is required"},
        Bad{"BrokenProviderJson", "provider: acme.org",
            "provider: '{\"name\": \"a\",}'",
            "component.provider looks like JSON but is no object"},
        Bad{"NullProviderJson", "provider: acme.org", "provider: 'null'",
            "component.provider looks like JSON"},
        Bad{"DoubledKeyInProviderJson", "provider: acme.org",
            "provider: '{\"name\": \"a\", \"name\": \"b\"}'",
            "component.provider looks like JSON"},
        Bad{"ProviderJsonInProviderJson", "provider: acme.org",
            "provider: '{\"name\": \"{}\"}'",
            "component.provider.name must not be JSON text"},
        Bad{"SignatureValueNumber", "value: cc", "value: 12",
            "signatures[0].signature.value must be a string"}),
    NameOf);

TEST(ComponentDescriptor, ListsAllFatalFindingsAtOnce) {
  const absl::StatusOr<ComponentDescriptor> parsed = ComponentDescriptor::Parse(
      With("type: git, access", "type: 1, Access: {}, access"));
  ASSERT_THAT(parsed, HasReason("DESCRIPTOR_SCHEMA"));
  EXPECT_EQ(base::GetErrorDetails(parsed.status())->field_violations.size(),
            2u);
}

TEST(ComponentDescriptor, RefusesADoubledKeyOutsideOfLabelValues) {
  EXPECT_THAT(
      ComponentDescriptor::Parse(
          With("provider: acme.org", "provider: acme.org\n  provider: other")),
      AllOf(HasReason("YAML_DUPLICATE_KEY"),
            StatusIs(absl::StatusCode::kInvalidArgument,
                     StartsWith("line 6, column 3: component has the key "
                                "\"provider\" twice"))));
}

TEST(ComponentDescriptor, RefusesOtherDocuments) {
  for (const char* text : {"[]", "word", "{}", "apiVersion: v1\nkind: Pod\n"}) {
    EXPECT_THAT(ComponentDescriptor::Parse(text),
                HasReason("DESCRIPTOR_SCHEMA"))
        << text;
  }
}

class StrictDescriptor : public testing::TestWithParam<Bad> {};

TEST_P(StrictDescriptor, IsRefusedByTheStrictCheckOnly) {
  ASSERT_OK_AND_ASSIGN(
      const ComponentDescriptor descriptor,
      ComponentDescriptor::Parse(With(GetParam().from, GetParam().to)));
  EXPECT_THAT(descriptor.StrictCheck(),
              AllOf(HasReason("DESCRIPTOR_SCHEMA"),
                    StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    Table, StrictDescriptor,
    testing::Values(
        Bad{"NoSources",
            "sources:", "others:", "component.sources is required"},
        Bad{"ShortName", "name: src", "name: s", "component.sources[0].name"},
        Bad{"UpperCaseName", "name: src", "name: Src",
            "component.sources[0].name"},
        Bad{"OddVersion", "version: v1,", "version: latest,",
            "component.sources[0].version must be a semantic version"},
        Bad{"OddComponentName", "acme.org/test/app", "Acme/app",
            "component.name must be a component name"},
        Bad{"OddReferenceName", "componentName: acme.org/x", "componentName: x",
            "component.componentReferences[0]"},
        Bad{"UnknownReferenceField", "componentName: acme.org/x",
            "componentName: acme.org/x, foo: 1",
            "component.componentReferences[0] must not have the field"},
        Bad{"NoRelation", "    relation: local\n", "",
            "component.resources[0].relation is required"},
        Bad{"OddRelation", "relation: local", "relation: near",
            "component.resources[0].relation must be local or external"},
        Bad{"NoAccess", ", access: {type: git}", "",
            "component.sources[0].access is required"},
        Bad{"LabelWithoutValue", ", value: 1", "",
            "component.labels[0].value is required"},
        Bad{"LabelVersion", "value: 1}", "value: 1, version: 1.0.0}",
            "component.labels[0].version"},
        Bad{"DoubledLabel", "{name: ll, value: 1}",
            "{name: ll, value: 1}, {name: ll, value: 2}",
            "component.labels[1] has the name \"ll\" of an earlier label"},
        Bad{"NullLabels", "labels: [{name: ll, value: 1}]", "labels: null",
            "component.labels must be a list"},
        Bad{"NullExtraIdentity", "relation: local",
            "relation: local\n    extraIdentity: null",
            "component.resources[0].extraIdentity must not be null"},
        Bad{"UpperCaseExtraIdentity", "relation: local",
            "relation: local\n    extraIdentity: {Arch: x}",
            "component.resources[0].extraIdentity has the key \"Arch\""},
        Bad{"DoubledElement", "sources: [",
            "sources: [{name: src, version: v1, type: git, access: {type: "
            "git}}, ",
            "component.sources[1] has the identity"},
        Bad{"DigestWithoutValue", ", value: aa", "",
            "component.resources[0].digest.value is required"},
        Bad{"SignatureWithMore", "- name: first", "- name: first\n  foo: 1",
            "signatures[0] must not have the field \"foo\""},
        Bad{"ContextWithoutType", "type: OCIRegistry, ", "",
            "component.repositoryContexts[0].type is required"},
        Bad{"OddCreationTime", "version: 1.2.3\n  provider",
            "version: 1.2.3\n  creationTime: today\n  provider",
            "component.creationTime must be a time"}),
    NameOf);

TEST(ComponentDescriptor, RefusesTwoSignaturesOfOneNameWhenAsked) {
  std::string text = kGood;
  text += text.substr(text.find("- name: first"));
  ASSERT_OK_AND_ASSIGN(const ComponentDescriptor descriptor,
                       ComponentDescriptor::Parse(text));
  EXPECT_THAT(descriptor.FindSignature("first"),
              AllOf(HasReason("SIGNATURE_AMBIGUOUS"),
                    base::HasCode(absl::StatusCode::kFailedPrecondition)));
}

}  // namespace
}  // namespace countersign::client
