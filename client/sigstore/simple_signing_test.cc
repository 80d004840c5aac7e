#include "client/sigstore/simple_signing.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

std::string Data(const std::string& name) {
  const auto octets =
      base::ReadFile("client/sigstore/testdata/" + name, 1 << 20);
  EXPECT_OK(octets.status());
  return octets.value_or("");
}

SimpleSigning OfCosign(ImageAnnotations annotations = {}) {
  return {"127.0.0.1:5055/vectors/app-v2",
          "sha256:"
          "11562b46f312ef9066082ab34866058f2503fc60601f9e8cea267760b7172421",
          std::move(annotations)};
}

TEST(FormatSimpleSigning, HasTheOctetsOfCosign) {
  EXPECT_THAT(FormatSimpleSigning(OfCosign()),
              IsOkAndHolds(Data("legacy/payload1.json")));
  EXPECT_THAT(FormatSimpleSigning(OfCosign({{"env", "prod"}})),
              IsOkAndHolds(Data("legacy/payload.json")));
}

TEST(FormatSimpleSigning, SortsAnnotationsAndEscapesAsGoDoes) {
  const auto payload = FormatSimpleSigning(
      OfCosign({{"commit", "a<b>&c"}, {"build", "42"}, {"Zone", "\"q\""}}));
  ASSERT_OK(payload.status());
  EXPECT_THAT(
      *payload,
      testing::EndsWith("\"optional\":{\"Zone\":\"\\\"q\\\"\",\"build\":\"42\","
                        "\"commit\":\"a\\u003cb\\u003e\\u0026c\"}}"));
}

TEST(FormatSimpleSigning, RefusesAnotherDigest) {
  SimpleSigning content = OfCosign();
  content.manifest_digest = "sha512:" + std::string(128, 'a');
  EXPECT_THAT(FormatSimpleSigning(content), HasReason("DIGEST_UNSUPPORTED"));
}

TEST(CheckAnnotations, TakesWhatAnApproverCanBeShown) {
  EXPECT_OK(
      CheckAnnotations({{"k", ""}, {"gr\xc3\xbc\xc3\x9f", "e\xe2\x82\xac"}}));
  EXPECT_OK(CheckAnnotations({{std::string(53, 'k'), std::string(1024, 'v')}}));
  ImageAnnotations many;
  for (int i = 0; i < 25; ++i) many[absl::StrCat(i)] = "v";
  for (const ImageAnnotations& wrong : {ImageAnnotations{{"", "v"}},
                                        {{std::string(54, 'k'), "v"}},
                                        {{"k", std::string(1025, 'v')}},
                                        {{"k", "two\nlines"}},
                                        {{"k\x1b", "v"}},
                                        {{"k", "\xff"}},
                                        many}) {
    EXPECT_THAT(CheckAnnotations(wrong), HasReason("ANNOTATION_MALFORMED"));
  }
}

TEST(ParseSimpleSigning, ReadsBackWhatWasWritten) {
  const auto content = ParseSimpleSigning(Data("legacy/payload.json"));
  ASSERT_OK(content.status());
  EXPECT_EQ(content->docker_reference, OfCosign().docker_reference);
  EXPECT_EQ(content->manifest_digest, OfCosign().manifest_digest);
  EXPECT_EQ(content->annotations, (ImageAnnotations{{"env", "prod"}}));
}

TEST(ParseSimpleSigning, IsAsLenientAsCosign) {
  const auto content = ParseSimpleSigning(
      "{ \"critical\" : {\"image\":{\"docker-manifest-digest\":\"sha256:x\"}},"
      "\"optional\":{\"n\":1,\"s\":\"t\"}, \"more\":true }\n");
  ASSERT_OK(content.status());
  EXPECT_EQ(content->manifest_digest, "sha256:x");
  EXPECT_EQ(content->annotations, (ImageAnnotations{{"s", "t"}}));
}

TEST(ParseSimpleSigning, RefusesWhatNamesNoImage) {
  for (const char* text :
       {"", "[]", "{}", "{\"critical\":1}", "{\"critical\":{\"image\":{}}}",
        "{\"critical\":{\"image\":{\"docker-manifest-digest\":1}}}",
        "{\"critical\":{},\"critical\":{}}"}) {
    EXPECT_THAT(ParseSimpleSigning(text), HasReason("PAYLOAD_UNREADABLE"))
        << text;
  }
}

}  // namespace
}  // namespace countersign::client
