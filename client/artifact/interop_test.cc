#include "client/artifact/interop.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Text(
    absl::string_view more = "",
    absl::string_view lists = "  resources: []\n  componentReferences: []\n") {
  return absl::StrCat(
      "meta: {schemaVersion: v2}\ncomponent:\n  name: acme.org/x\n"
      "  version: 1.0.0\n  provider: p\n  repositoryContexts: []\n"
      "  sources: []\n",
      lists, more);
}

InteropReport Report(const std::string& text, PlannedSignature planned = {}) {
  const absl::StatusOr<ComponentDescriptor> descriptor =
      ComponentDescriptor::Parse(text);
  EXPECT_OK(descriptor);
  const absl::StatusOr<InteropReport> report =
      CheckInterop(*descriptor, planned);
  EXPECT_OK(report);
  return report.ok() ? *report : InteropReport();
}

TEST(CheckInterop, IsSilentAboutTheRecipe) {
  const InteropReport report = Report(Text());
  EXPECT_TRUE(report.same_bytes);
  EXPECT_THAT(report.warnings, IsEmpty());
}

struct Row {
  std::string text;
  bool same_bytes;
  const char* warning;
};

TEST(CheckInterop, WarnsOfEachTrap) {
  const Row kRows[] = {
      {Text("  labels: [{name: a, signing: true, value: {b: null}}]\n"), false,
       "a null in a signed label value"},
      {Text("  labels: [{name: a, signing: true, value: null}]\n"), false,
       "a null in a signed label value"},
      {Text("  labels: [{name: a, signing: true, value: 1, version: v1}]\n"),
       false, "a label with version or merge"},
      {Text("  creationTime: \"2024-03-01T12:34:56+02:00\"\n"), false,
       "not UTC in whole seconds"},
      {Text("  creationTime: \"2024-03-01T12:34:56Z\"\n"), true,
       "the new OCM CLI drops it on transfer"},
      {Text("",
            "  resources: []\n  componentReferences: [{name: rr, version: "
            "1.0.0, componentName: acme.org/y}]\n"),
       false, "a reference without digest"},
      {Text("",
            "  componentReferences: []\n  resources: [{name: aa, version: "
            "1.0.0, type: x, relation: local, access: {type: localBlob}}]\n"),
       true, "resource \"aa\" has no digest"},
      {Text("",
            "  componentReferences: []\n  resources: [{name: aa, version: "
            "1.0.0, type: x, relation: local, access: {type: ociArtifact}, "
            "digest: {hashAlgorithm: SHA-256, normalisationAlgorithm: "
            "genericBlobDigest/v1, value: aa}}]\n"),
       true, "is an OCI artifact with a genericBlobDigest/v1 digest"},
      {"apiVersion: ocm.software/v3alpha1\nkind: ComponentVersion\nmetadata: "
       "{name: acme.org/x, version: 1.0.0, provider: {name: p}}\nspec: {}\n",
       false, "it reads schema v2 only"},
  };
  for (const Row& row : kRows) {
    const InteropReport report = Report(row.text);
    EXPECT_EQ(report.same_bytes, row.same_bytes) << row.text;
    EXPECT_THAT(report.warnings, Contains(HasSubstr(row.warning))) << row.text;
  }
}

TEST(CheckInterop, WarnsOfPlainPssButNotOfPemPss) {
  PlannedSignature planned;
  planned.scheme = base::SignatureScheme::kRsaPss;
  EXPECT_THAT(Report(Text(), planned).warnings,
              Contains(HasSubstr("cannot verify a plain RSASSA-PSS")));
  planned.pem = true;
  EXPECT_THAT(Report(Text(), planned).warnings, IsEmpty());
}

TEST(CheckInterop, WarnsOfOtherNormalisations) {
  PlannedSignature planned;
  for (const auto algorithm :
       {NormalisationAlgorithm::kJsonV1, NormalisationAlgorithm::kJsonV2,
        NormalisationAlgorithm::kJsonV4Alpha1}) {
    planned.normalisation = algorithm;
    EXPECT_THAT(Report(Text(), planned).warnings,
                Contains(HasSubstr("only jsonNormalisation/v3 verifies")));
  }
}

TEST(CheckInterop, StrictFindingsAreAnErrorExceptForV4Alpha1) {
  ASSERT_OK_AND_ASSIGN(
      const ComponentDescriptor descriptor,
      ComponentDescriptor::Parse("meta: {schemaVersion: v2}\ncomponent: {name: "
                                 "acme.org/x, version: 1.0.0, provider: p}\n"));
  EXPECT_THAT(CheckInterop(descriptor, {}),
              base::HasReason("DESCRIPTOR_SCHEMA"));
  PlannedSignature planned;
  planned.normalisation = NormalisationAlgorithm::kJsonV4Alpha1;
  ASSERT_OK_AND_ASSIGN(const InteropReport report,
                       CheckInterop(descriptor, planned));
  EXPECT_THAT(report.warnings, Contains(HasSubstr("is required")));
}

TEST(CheckInterop, WhatTheNewToolRefusesIsAnErrorForV4Alpha1) {
  ASSERT_OK_AND_ASSIGN(
      const ComponentDescriptor descriptor,
      ComponentDescriptor::Parse(
          "apiVersion: ocm.software/v3alpha1\nkind: ComponentVersion\n"
          "metadata: {name: acme.org/x, version: 1.0.0, provider: {name: p}}\n"
          "spec: {}\n"));
  EXPECT_OK(CheckInterop(descriptor, {}));
  PlannedSignature planned;
  planned.normalisation = NormalisationAlgorithm::kJsonV4Alpha1;
  EXPECT_THAT(CheckInterop(descriptor, planned),
              base::HasReason("DESCRIPTOR_SCHEMA"));
}

}  // namespace
}  // namespace countersign::client
