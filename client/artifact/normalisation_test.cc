// Rules one by one; whole descriptors are in known_vectors_test.
#include "client/artifact/normalisation.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using base::StatusIs;
using testing::HasSubstr;
using testing::Not;
using testing::StrEq;

// `more`: further lines of the component, indented by two.
std::string Text(absl::string_view more,
                 absl::string_view resources = "resources: []",
                 absl::string_view references = "componentReferences: []") {
  return absl::StrCat(
      "meta: {schemaVersion: v2}\ncomponent:\n  name: acme.org/x\n"
      "  version: 1.0.0\n  provider: p\n  repositoryContexts: []\n"
      "  sources: []\n  ",
      resources, "\n  ", references, "\n", more);
}

absl::StatusOr<std::string> Bytes(const std::string& text,
                                  absl::string_view algorithm) {
  const absl::StatusOr<ComponentDescriptor> descriptor =
      ComponentDescriptor::Parse(text);
  if (!descriptor.ok()) return descriptor.status();
  return Normalise(*descriptor, algorithm);
}

TEST(NormalisationNames, AreReadLongAndShort) {
  for (const char* name : {"v1", "v2", "v3", "v4alpha1"}) {
    const std::string full = absl::StrCat("jsonNormalisation/", name);
    ASSERT_OK_AND_ASSIGN(const NormalisationAlgorithm algorithm,
                         ParseNormalisationAlgorithm(name));
    EXPECT_EQ(NormalisationName(algorithm), full);
    EXPECT_THAT(ParseNormalisationAlgorithm(full), IsOkAndHolds(algorithm));
  }
}

TEST(NormalisationNames, RefusesOthers) {
  for (const char* name : {"", "v4", "V3", "jsonNormalisation/", "jcs"}) {
    EXPECT_THAT(ParseNormalisationAlgorithm(name),
                HasReason("NORMALISATION_UNKNOWN"))
        << name;
  }
}

TEST(Normalise, OrderOfKeysInTheTextDoesNotCount) {
  const std::string a = Text("  labels: [{name: a, value: 1, signing: on}]\n");
  const std::string b =
      Text("  labels: [{signing: true, value: 1, name: a}]\n");
  for (const char* algorithm : {"v1", "v2", "v3", "v4alpha1"}) {
    EXPECT_EQ(*Bytes(a, algorithm), *Bytes(b, algorithm));
  }
}

TEST(Normalise, OrderOfResourcesCounts) {
  const std::string one =
      "{name: aa, version: 1.0.0, type: x, relation: local, access: {type: z}}";
  const std::string two =
      "{name: bb, version: 1.0.0, type: x, relation: local, access: {type: z}}";
  const std::string a =
      Text("", absl::StrCat("resources: [", one, ", ", two, "]"));
  const std::string b =
      Text("", absl::StrCat("resources: [", two, ", ", one, "]"));
  for (const char* algorithm : {"v1", "v2", "v3", "v4alpha1"}) {
    EXPECT_NE(*Bytes(a, algorithm), *Bytes(b, algorithm));
  }
}

TEST(Normalise, AccessNeverCountsExceptForNone) {
  const auto with = [](const char* access) {
    return Text("",
                absl::StrCat("resources: [{name: aa, version: 1.0.0, type: x, "
                             "relation: local, access: {type: ",
                             access,
                             "}, digest: {hashAlgorithm: h, "
                             "normalisationAlgorithm: a, value: v}}]"));
  };
  for (const char* algorithm : {"v1", "v2", "v3", "v4alpha1"}) {
    EXPECT_EQ(*Bytes(with("one"), algorithm), *Bytes(with("two"), algorithm));
    EXPECT_THAT(Bytes(with("one"), algorithm),
                IsOkAndHolds(HasSubstr("digest")));
    EXPECT_THAT(Bytes(with("none"), algorithm),
                IsOkAndHolds(Not(HasSubstr("digest"))));
    EXPECT_THAT(Bytes(with("None"), algorithm),
                IsOkAndHolds(Not(HasSubstr("digest"))));
    EXPECT_THAT(Bytes(with("none/v1"), algorithm),
                IsOkAndHolds(HasSubstr("digest")));
  }
}

TEST(Normalise, EmptyKeysVanishInLabelValues) {
  const std::string text = Text(
      "  labels: [{name: a, signing: true, value: {'': 1, b: {'': 2, c: 3}}}]"
      "\n");
  EXPECT_THAT(Bytes(text, "v1"),
              IsOkAndHolds(HasSubstr(R"({"value":[{"b":[{"c":3}]}]})")));
  EXPECT_THAT(Bytes(text, "v3"),
              IsOkAndHolds(HasSubstr(R"("value":{"b":{"c":3}})")));
}

struct TimeRow {
  const char* text;
  const char* v3;
};

TEST(Normalise, RoundsCreationTimeToSecondsInUtcExceptInV4Alpha1) {
  const TimeRow kRows[] = {
      {"2024-03-01T12:34:56Z", "2024-03-01T12:34:56Z"},
      {"2024-03-01T12:34:56.789+02:00", "2024-03-01T10:34:57Z"},
      {"2024-03-01T12:34:56.5Z", "2024-03-01T12:34:57Z"},
      {"2024-03-01T12:34:56.499999999Z", "2024-03-01T12:34:56Z"},
      {"2024-12-31T23:59:59.9Z", "2025-01-01T00:00:00Z"},
      {"1969-12-31T23:59:58.4Z", "1969-12-31T23:59:58Z"},
  };
  for (const TimeRow& row : kRows) {
    const std::string text =
        Text(absl::StrCat("  creationTime: \"", row.text, "\"\n"));
    for (const char* algorithm : {"v1", "v2", "v3"}) {
      EXPECT_THAT(Bytes(text, algorithm),
                  IsOkAndHolds(HasSubstr(
                      absl::StrCat("\"creationTime\":\"", row.v3, "\""))));
    }
    EXPECT_THAT(Bytes(text, "v4alpha1"),
                IsOkAndHolds(HasSubstr(
                    absl::StrCat("\"creationTime\":\"", row.text, "\""))));
  }
}

TEST(Normalise, NullCreationTimeIsNone) {
  for (const char* algorithm : {"v1", "v3", "v4alpha1"}) {
    EXPECT_EQ(*Bytes(Text("  creationTime: null\n"), algorithm),
              *Bytes(Text(""), algorithm));
  }
}

TEST(Normalise, ProviderJsonWithoutLabelsIsItsName) {
  std::string text = Text("");
  const std::string plain = text;
  text.replace(text.find("provider: p"), 11, "provider: '{\"name\":\"p\"}'");
  for (const char* algorithm : {"v1", "v2", "v3", "v4alpha1"}) {
    EXPECT_EQ(*Bytes(text, algorithm), *Bytes(plain, algorithm));
  }
}

TEST(Normalise, BothSchemasGiveTheSameBytesExceptInV1) {
  const std::string v2 =
      Text("  labels: [{name: a, value: 1, signing: true}]\n");
  const std::string v3alpha1 =
      "apiVersion: ocm.software/v3alpha1\nkind: ComponentVersion\n"
      "metadata: {name: acme.org/x, version: 1.0.0, provider: {name: p}, "
      "labels: [{name: a, value: 1, signing: true}]}\nspec: {}\n";
  for (const char* algorithm : {"v2", "v3"}) {
    EXPECT_EQ(*Bytes(v2, algorithm), *Bytes(v3alpha1, algorithm));
  }
  EXPECT_NE(*Bytes(v2, "v1"), *Bytes(v3alpha1, "v1"));
  // The new tool does not know that schema.
  EXPECT_THAT(Bytes(v3alpha1, "v4alpha1"), HasReason("DESCRIPTOR_SCHEMA"));
}

// Found by random descriptors (tests/interop/differential.sh).
TEST(Normalise, RefusesElementsAndProvidersThatBothToolsRefuse) {
  struct Row {
    const char* provider;
    const char* elements;
    const char* part;
  };
  constexpr Row kRows[] = {
      {"''", "sources: [], resources: []", "provider is required"},
      {"'{\"labels\": []}'", "sources: [], resources: []",
       "provider.name is required"},
      {"p", "resources: [], sources: [{name: ss, version: 1.0.0, type: t}]",
       "sources[0].access is required"},
      {"p",
       "sources: [], resources: [{name: rr, version: 1.0.0, type: t, relation: "
       "local, access: null}]",
       "resources[0].access is required"},
  };
  for (const Row& row : kRows) {
    const std::string text = absl::StrCat(
        "meta: {schemaVersion: v2}\ncomponent: {name: acme.org/x, version: "
        "1.0.0, repositoryContexts: [], componentReferences: [], provider: ",
        row.provider, ", ", row.elements, "}\n");
    for (const char* algorithm : {"v3", "v4alpha1"}) {
      EXPECT_THAT(
          Bytes(text, algorithm),
          StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(row.part)));
    }
  }
}

TEST(Normalise, WritesYearsWithFourDigits) {
  const std::string text = Text("  creationTime: '0001-01-01T00:00:00Z'\n");
  for (const char* algorithm : {"v1", "v2", "v3", "v4alpha1"}) {
    EXPECT_THAT(Bytes(text, algorithm),
                IsOkAndHolds(HasSubstr(R"("creationTime":"0001-01-01T)")));
  }
}

// The classic tool's schema lets lists be absent there, but not null.
TEST(Normalise, RefusesNullListsInSchemaV3Alpha1) {
  for (const char* list : {"sources", "references", "resources"}) {
    EXPECT_THAT(
        Bytes(absl::StrCat("apiVersion: ocm.software/v3alpha1\n"
                           "kind: ComponentVersion\nmetadata: {name: "
                           "acme.org/x, version: 1.0.0, provider: {name: p}}\n"
                           "spec: {",
                           list, ": null}\n"),
              "v3"),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 HasSubstr("must be a list, it is null")));
  }
}

TEST(Normalise, RefusesUnknownFieldsOfLabelsInSchemaV3Alpha1Only) {
  const std::string labels = "labels: [{name: a, value: 1, colour: red}]";
  EXPECT_THAT(Bytes(absl::StrCat(
                        "apiVersion: ocm.software/v3alpha1\n"
                        "kind: ComponentVersion\nmetadata: {name: acme.org/x, "
                        "version: 1.0.0, provider: {name: p}}\nspec: {sources: "
                        "[{name: ss, version: 1.0.0, type: t, access: {type: "
                        "u}, ",
                        labels, "}]}\n"),
                    "v3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must not have the field \"colour\"")));
  EXPECT_OK(Bytes(Text(absl::StrCat("  ", labels, "\n")), "v3"));
}

TEST(Normalise, RefusesWhatIsEmptyWhereTheClassicToolDoes) {
  EXPECT_THAT(Bytes(Text("  labels: [{name: '', value: 1}]\n"), "v3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("labels[0].name must not be empty")));
  EXPECT_THAT(Bytes(Text("",
                         "resources: [{name: rr, version: 1.0.0, type: t, "
                         "relation: '', access: {type: u}}]"),
                    "v3"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must be local or external")));
}

// Go's strings.TrimSpace takes U+2028 and U+00A0 for blanks.
TEST(Normalise, RefusesAProviderThatLooksLikeJsonBehindAnyBlank) {
  for (const char* blank : {" ", "\\L", "\\u00a0", "\\u3000\\t"}) {
    EXPECT_THAT(
        Bytes(absl::StrCat("meta: {schemaVersion: v2}\ncomponent: {name: "
                           "acme.org/x, version: 1.0.0, provider: \"",
                           blank,
                           "{ x\", repositoryContexts: [], sources: [], "
                           "componentReferences: [], resources: []}\n"),
              "v3"),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 HasSubstr("looks like JSON")));
  }
}

TEST(Normalise, V1OverSchemaV3Alpha1HasSourcesAndFiltersReferenceLabels) {
  EXPECT_THAT(
      Bytes("apiVersion: ocm.software/v3alpha1\nkind: ComponentVersion\n"
            "metadata: {name: acme.org/x, version: 1.0.0, provider: {name: p}}"
            "\nspec:\n"
            "  sources: [{name: ss, version: 1.0.0, type: t, access: {type: "
            "u}}]\n"
            "  references: [{name: rr, version: 1.0.0, componentName: "
            "acme.org/y, labels: [{name: a, value: 1}]}]\n",
            "v1"),
      IsOkAndHolds(StrEq(
          R"([{"apiVersion":"ocm.software/v3alpha1"},)"
          R"({"kind":"ComponentVersion"},{"metadata":[{"name":"acme.org/x"},)"
          R"({"provider":[{"name":"p"}]},{"version":"1.0.0"}]},)"
          R"({"spec":[{"references":[[{"componentName":"acme.org/y"},)"
          R"({"name":"rr"},{"version":"1.0.0"}]]},)"
          R"({"sources":[[{"name":"ss"},{"type":"t"},{"version":"1.0.0"}]]}]}])")));
}

TEST(Normalise, LegacyIdentitiesAreMadeInOrderAndInPlace) {
  const auto resource = [](const char* version, const char* more) {
    return absl::StrCat("{name: img, version: ", version,
                        ", type: x, relation: local, access: {type: z}", more,
                        "}");
  };
  // The second one meets the first with its new identity.
  const std::string text =
      Text("", absl::StrCat("resources: [", resource("1.0.0", ""), ", ",
                            resource("2.0.0", ""), ", ", resource("3.0.0", ""),
                            "]"));
  EXPECT_THAT(
      Bytes(text, "v2"),
      IsOkAndHolds(HasSubstr(R"({"extraIdentity":{"version":"2.0.0"})")));
  EXPECT_THAT(Bytes(text, "v2"),
              IsOkAndHolds(Not(HasSubstr(R"({"version":"3.0.0"})"))));
  EXPECT_THAT(Bytes(text, "v3"), IsOkAndHolds(Not(HasSubstr("extraIdentity"))));
}

TEST(Normalise, MissingReferenceDigestIsThreeEmptyStringsInV4Alpha1) {
  const std::string text =
      Text("", "resources: []",
           "componentReferences: [{name: rr, version: 1.0.0, componentName: "
           "acme.org/y}]");
  EXPECT_THAT(Bytes(text, "v4alpha1"),
              IsOkAndHolds(HasSubstr(
                  R"("digest":{"hashAlgorithm":"","normalisationAlgorithm":"",)"
                  R"("value":""})")));
  EXPECT_THAT(Bytes(text, "v3"), IsOkAndHolds(Not(HasSubstr("digest"))));
}

TEST(Normalise, StrictFindingsStopAllButV4Alpha1) {
  const std::string text =
      "meta: {schemaVersion: v2}\ncomponent: {name: "
      "acme.org/x, version: 1.0.0, provider: p}\n";
  for (const char* algorithm : {"v1", "v2", "v3"}) {
    EXPECT_THAT(Bytes(text, algorithm), HasReason("DESCRIPTOR_SCHEMA"));
  }
  EXPECT_OK(Bytes(text, "v4alpha1"));
}

}  // namespace
}  // namespace countersign::client
