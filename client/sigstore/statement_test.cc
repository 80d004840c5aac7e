#include "client/sigstore/statement.h"

#include <string>

#include "base/json.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

const std::string kHex(64, 'a');

Statement Signature(ImageAnnotations annotations = {}) {
  return {{{"", {{"sha256", kHex}}, std::move(annotations)}},
          kCosignSignPredicate};
}

TEST(FormatStatement, SignsAnImage) {
  EXPECT_THAT(FormatStatement(Signature(), "{}"),
              IsOkAndHolds("{\"_type\":\"https://in-toto.io/Statement/v1\","
                           "\"subject\":[{\"digest\":{\"sha256\":\"" +
                           kHex +
                           "\"}}],\"predicateType\":"
                           "\"https://sigstore.dev/cosign/sign/v1\","
                           "\"predicate\":{}}"));
}

TEST(FormatStatement, HasNameAndAnnotationsWhereThereAreSome) {
  Statement statement = Signature({{"env", "prod"}});
  statement.subjects[0].name = "app.tar";
  const auto text = FormatStatement(statement, "{}");
  ASSERT_OK(text.status());
  EXPECT_THAT(*text, testing::HasSubstr("[{\"name\":\"app.tar\",\"digest\":{"));
  EXPECT_THAT(*text,
              testing::HasSubstr("\"annotations\":{\"env\":\"prod\"}}]"));
}

TEST(FormatStatement, KeepsThePredicateOctetForOctet) {
  const std::string predicate =
      "{ \"big\": 12345678901234567890, \"f\": 1.10,\n \"u\": \"\\u00fc\" }";
  const auto text = FormatStatement(Signature(), "\n" + predicate + "\n");
  ASSERT_OK(text.status());
  EXPECT_THAT(*text, testing::EndsWith("\"predicate\":" + predicate + "}"));
  EXPECT_OK(base::ParseJson(*text).status());
  EXPECT_OK(ParseStatement(*text).status());
}

TEST(FormatStatement, RefusesAPredicateThatIsNoObject) {
  for (const char* predicate :
       {"", "[]", "1", "{", "{}{}", "{\"a\":1,\"a\":2}", "{},\"x\":{}"}) {
    EXPECT_THAT(FormatStatement(Signature(), predicate),
                HasReason("PREDICATE_MALFORMED"))
        << predicate;
  }
}

TEST(ParseStatement, ReadsBothVersions) {
  for (const char* version : {"v1", "v0.1"}) {
    const auto statement = ParseStatement(
        "{\"_type\":\"https://in-toto.io/Statement/" + std::string(version) +
        "\",\"subject\":[{\"name\":\"n\",\"digest\":{\"sha256\":\"aa\"},"
        "\"annotations\":{\"k\":\"v\",\"n\":1}},{\"digest\":{\"sha512\":"
        "\"bb\"}}],\"predicateType\":\"t:p\",\"predicate\":{\"x\":1}}");
    ASSERT_OK(statement.status());
    EXPECT_EQ(statement->predicate_type, "t:p");
    ASSERT_EQ(statement->subjects.size(), 2);
    EXPECT_EQ(statement->subjects[0].name, "n");
    EXPECT_EQ(statement->subjects[0].digests.at("sha256"), "aa");
    EXPECT_EQ(statement->subjects[0].annotations,
              (ImageAnnotations{{"k", "v"}}));
    EXPECT_EQ(statement->subjects[1].digests.at("sha512"), "bb");
  }
}

TEST(ParseStatement, RefusesWhatIsNone) {
  const std::string type = "\"_type\":\"https://in-toto.io/Statement/v1\"";
  const std::string subject = "\"subject\":[{\"digest\":{\"sha256\":\"aa\"}}]";
  for (const std::string& text :
       {std::string(""), std::string("[]"), "{" + subject + "}",
        "{" + type + "," + subject + "}",
        "{" + type + ",\"subject\":[],\"predicateType\":\"t\"}",
        "{" + type + ",\"subject\":[{}],\"predicateType\":\"t\"}",
        "{" + type + ",\"subject\":[1],\"predicateType\":\"t\"}",
        "{\"_type\":\"https://in-toto.io/Statement/v2\"," + subject +
            ",\"predicateType\":\"t\"}"}) {
    EXPECT_THAT(ParseStatement(text), HasReason("STATEMENT_UNREADABLE"))
        << text;
  }
}

TEST(PredicateTypeFrom, KnowsShortNamesAndUris) {
  EXPECT_THAT(PredicateTypeFrom("slsaprovenance1"),
              IsOkAndHolds("https://slsa.dev/provenance/v1"));
  EXPECT_THAT(PredicateTypeFrom("cyclonedx"),
              IsOkAndHolds("https://cyclonedx.org/bom"));
  EXPECT_THAT(PredicateTypeFrom("https://example.test/p"),
              IsOkAndHolds("https://example.test/p"));
  for (const char* text : {"", "slsa", ":x", "x:", "https://a b"}) {
    EXPECT_THAT(PredicateTypeFrom(text), HasReason("PREDICATE_TYPE_UNKNOWN"))
        << text;
  }
}

}  // namespace
}  // namespace countersign::client
