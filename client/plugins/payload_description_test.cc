#include "client/plugins/payload_description.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr char kImage[] =
    R"({"critical":{"identity":{"docker-reference":"reg.example/app"},)"
    R"("image":{"docker-manifest-digest":"sha256:11"},)"
    R"("type":"cosign container image signature"},"optional":{"env":"prod"}})";

std::string Pae(const std::string& type, const std::string& body) {
  return absl::StrCat("DSSEv1 ", type.size(), " ", type, " ", body.size(), " ",
                      body);
}

PayloadDescription Describe(const std::string& payload) {
  return DescribePayload(payload, payload.size());
}

TEST(PayloadDescriptionTest, NamesTheImageOfASimpleSigningPayload) {
  const PayloadDescription got = Describe(kImage);
  EXPECT_EQ(got.description, "container image reg.example/app@sha256:11");
  EXPECT_EQ(got.label, got.description);
  EXPECT_THAT(got.context, Contains(Pair("image.digest", "sha256:11")));
  EXPECT_THAT(got.context,
              Contains(Pair("image.reference", "reg.example/app")));
  EXPECT_THAT(got.context, Contains(Pair("annotation.env", "prod")));
  EXPECT_THAT(got.context,
              Contains(Pair("size", absl::StrCat(sizeof(kImage) - 1))));
}

TEST(PayloadDescriptionTest, NamesTheImageOfCosign3) {
  const PayloadDescription got = Describe(
      Pae("application/vnd.in-toto+json",
          R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":)"
          R"({"sha256":"d5"},"annotations":{"env":"prod"}}],"predicateType":)"
          R"("https://sigstore.dev/cosign/sign/v1","predicate":{}})"));
  EXPECT_EQ(got.description, "container image sha256:d5");
  EXPECT_THAT(got.context, Contains(Pair("annotation.env", "prod")));
}

TEST(PayloadDescriptionTest, NamesPredicateAndSubjectsOfAnAttestation) {
  const PayloadDescription got =
      Describe(Pae("application/vnd.in-toto+json",
                   R"({"_type":"https://in-toto.io/Statement/v0.1","subject":[)"
                   R"({"name":"a","digest":{"sha256":"d1"}},{"name":"b"},{}],)"
                   R"("predicateType":"https://slsa.dev/provenance/v1"})"));
  EXPECT_EQ(got.description,
            "attestation https://slsa.dev/provenance/v1 about a@sha256:d1 and "
            "2 more");
  EXPECT_THAT(got.context, Contains(Pair("subject.1", "a@sha256:d1")));
  EXPECT_THAT(got.context, Contains(Pair("subject.2", "b")));
  EXPECT_THAT(got.context, Contains(Pair("subjects", "3")));
}

TEST(PayloadDescriptionTest, SaysTheSizeOnlyOfWhatItDoesNotUnderstand) {
  for (const std::string payload :
       {"artefact", "{", "{}", "{\"critical\":7}", "DSSEv1", "DSSEv1 ",
        "DSSEv1 1 a 5 {}", "DSSEv1 -1 a 2 {}", "DSSEv1 99999999999 a 2 {}",
        "DSSEv1 1 \xff 2 {}", "Dummy", "{\"critical\":{\"image\":[]}}"}) {
    const PayloadDescription got = Describe(payload);
    EXPECT_EQ(got.description,
              absl::StrCat("blob of ", payload.size(), " octets"));
    EXPECT_EQ(got.context.size(), 2u);
  }
  EXPECT_EQ(DescribePayload("", 5'000'000).description,
            "blob of 5000000 octets");
  EXPECT_THAT(DescribePayload("", 0).description, HasSubstr("a digest"));
}

TEST(PayloadDescriptionTest, NamesTheTypeOfOtherEnvelopes) {
  EXPECT_EQ(Describe(Pae("text/x", "{}")).description,
            "envelope of text/x, 2 octets");
}

TEST(PayloadDescriptionTest, StaysWithinTheServersLimits) {
  const std::string many(5000, 'x');
  std::string annotations;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&annotations, i == 0 ? "" : ",", "\"k", i, "\":\"", many,
                    "\"");
  }
  // Two-octet characters: a cut must not go through one.
  std::string name;
  for (int i = 0; i < 3000; ++i) name += "\xc3\xa4";
  std::string subjects;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&subjects, i == 0 ? "" : ",", R"({"name":")", name,
                    R"(","digest":{"sha256":")", many, "\"}}");
  }
  for (const std::string& payload :
       {absl::StrCat(R"({"critical":{"identity":{"docker-reference":")", name,
                     R"("},"image":{"docker-manifest-digest":"d"}},)",
                     R"("optional":{"long)", many, "\":\"x\",", annotations,
                     "}}"),
        Pae(name, absl::StrCat(R"({"predicateType":")", name,
                               R"(","subject":[)", subjects, "]}")),
        Pae(name, "{}")}) {
    const PayloadDescription got = Describe(payload);
    EXPECT_LE(got.label.size(), 256u);
    EXPECT_LE(got.description.size(), 3000u);
    EXPECT_TRUE(base::IsValidUtf8(got.label));
    EXPECT_TRUE(base::IsValidUtf8(got.description));
    EXPECT_LE(got.context.size(), 30u);
    EXPECT_THAT(got.context, Not(Contains(Key(HasSubstr("long")))));
    for (const auto& [key, value] : got.context) {
      EXPECT_LE(key.size(), 64u);
      EXPECT_LE(value.size(), 1024u);
      EXPECT_TRUE(base::IsValidUtf8(value));
    }
  }
}

}  // namespace
}  // namespace countersign::client
