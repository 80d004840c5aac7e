#include "auth/json_web_token.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "auth/testing_issuer.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::HasReason;
using base::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

std::string TokenOf(absl::string_view header,
                    absl::string_view payload = "{}") {
  return WithSignature(SigningInput(header, payload), "signature");
}

TEST(JsonWebTokenTest, TakesApartWhatRfc7515Shows) {
  // A.3 of it, an ES256 signature over A.1.1's payload.
  const std::string input =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogI"
      "mh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  ASSERT_OK_AND_ASSIGN(
      const JsonWebToken token,
      ParseToken(absl::StrCat(
          input,
          ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8"
          "ISlSApmWQxfKTUJqPP3-Kg6NU1Q")));
  EXPECT_EQ(token.algorithm, "ES256");
  EXPECT_EQ(token.key_id, "");
  EXPECT_EQ(token.type, "");
  EXPECT_EQ(token.claims.Find("iss")->string(), "joe");
  EXPECT_EQ(token.claims.Find("exp")->number(), 1300819380);
  EXPECT_EQ(token.signing_input, input);
  EXPECT_EQ(token.signature.size(), 64u);
}

TEST(JsonWebTokenTest, GivesTheHeader) {
  ASSERT_OK_AND_ASSIGN(
      const JsonWebToken token,
      ParseToken(
          TokenOf(R"({"alg":"none","kid":"../k","typ":"at+jwt","x5t":"a"})")));
  EXPECT_EQ(token.algorithm, "none");  // unjudged
  EXPECT_EQ(token.key_id, "../k");
  EXPECT_EQ(token.type, "at+jwt");
  EXPECT_EQ(token.signature, "signature");
}

TEST(JsonWebTokenTest, ReadsATokenAsLongAsItMayBe) {
  std::string token =
      TokenOf(R"({"alg":"x"})",
              absl::StrCat("{\"a\":\"", std::string(12000, 'a'), "\"}"));
  token.resize(kMaxTokenSize, 'A');
  EXPECT_OK(ParseToken(token));
  token.append("AAAA");
  EXPECT_THAT(ParseToken(token), HasReason("TOKEN_MALFORMED"));
}

struct BadCase {
  const char* name;
  std::string token;
  const char* message;
};

class BadTokenTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadTokenTest, IsRefused) {
  EXPECT_THAT(ParseToken(GetParam().token),
              AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                             HasSubstr(GetParam().message)),
                    HasReason("TOKEN_MALFORMED")));
}

const char kHeader[] = R"({"alg":"RS256"})";

INSTANTIATE_TEST_SUITE_P(
    Shape, BadTokenTest,
    testing::Values(
        BadCase{"Empty", "", "1 parts"}, BadCase{"Word", "token", "1 parts"},
        BadCase{"TwoParts", "e30.e30", "2 parts"},
        BadCase{"FourParts", "e30.e30.AA.AA", "4 parts"},
        BadCase{"Encrypted", "e30.AA.AA.AA.AA", "encrypted"},
        BadCase{"ManyDots", std::string(1000, '.'), "1001 parts"},
        BadCase{"NoSignature", SigningInput(kHeader, "{}") + ".",
                "no signature"},
        BadCase{"PaddedSignature", SigningInput(kHeader, "{}") + ".AA==",
                "signature is not base64url"},
        BadCase{"StraySignature", SigningInput(kHeader, "{}") + ".AB",
                "stray bits"},
        BadCase{"StandardAlphabet", SigningInput(kHeader, "{}") + ".+/+/",
                "not base64url"},
        BadCase{"BlankBefore", " " + TokenOf(kHeader), "header is not base64"},
        BadCase{"NewlineAfter", TokenOf(kHeader) + "\n", "signature is not"},
        BadCase{"JsonSerialisation", "{\"payload\":\"e30\"}", "1 parts"},
        BadCase{"Huge", std::string(1 << 20, 'a'), "1048576 octets"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Text, BadTokenTest,
    testing::Values(
        BadCase{"HeaderNoJson", TokenOf("alg"), "header is not strict JSON"},
        BadCase{"HeaderList", TokenOf("[]"), "header is no JSON object"},
        BadCase{"HeaderEmpty", TokenOf(""), "header is not strict JSON"},
        BadCase{"PayloadList", TokenOf(kHeader, "[]"), "payload is no JSON"},
        BadCase{"PayloadText", TokenOf(kHeader, "\"a.b.c\""),
                "payload is no JSON object"},
        BadCase{"PayloadToken", TokenOf(kHeader, TokenOf(kHeader)),
                "payload is not strict JSON"},
        BadCase{"PayloadCommented", TokenOf(kHeader, "{}//"), "strict JSON"},
        BadCase{"PayloadTwice", TokenOf(kHeader, "{}{}"), "strict JSON"},
        BadCase{"ByteOrderMark", TokenOf(kHeader, "\xef\xbb\xbf{}"),
                "strict JSON"},
        BadCase{"BadUtf8", TokenOf(kHeader, "{\"a\":\"\xc0\x80\"}"),
                "strict JSON"},
        BadCase{"LoneSurrogate", TokenOf(kHeader, R"({"a":"\ud800"})"),
                "strict JSON"},
        BadCase{"ClaimTwice", TokenOf(kHeader, R"({"aud":"a","aud":"b"})"),
                "strict JSON"},
        BadCase{"ClaimTwiceEscaped",
                TokenOf(kHeader, R"({"aud":"a","\u0061ud":"b"})"),
                "strict JSON"},
        BadCase{"MemberTwiceInside",
                TokenOf(kHeader, R"({"cnf":{"a":1,"a":2}})"), "strict JSON"},
        BadCase{"HeaderMemberTwice", TokenOf(R"({"alg":"RS256","alg":"none"})"),
                "strict JSON"},
        BadCase{"Deep", TokenOf(kHeader, R"({"a":[[[[[[[[]]]]]]]]})"),
                "deeper than 8"},
        BadCase{
            "VeryDeep",
            TokenOf(kHeader, absl::StrCat("{\"a\":", std::string(10000, '['))),
            "deeper than 8"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Header, BadTokenTest,
    testing::Values(
        BadCase{"NoAlg", TokenOf("{}"), "no `alg`"},
        BadCase{"AlgNumber", TokenOf(R"({"alg":1})"), "`alg`"},
        BadCase{"AlgList", TokenOf(R"({"alg":["RS256"]})"), "`alg`"},
        BadCase{"AlgEmpty", TokenOf(R"({"alg":""})"), "`alg`"},
        BadCase{"AlgNull", TokenOf(R"({"alg":null})"), "`alg`"},
        BadCase{"KidNumber", TokenOf(R"({"alg":"x","kid":1})"), "`kid`"},
        BadCase{"KidObject", TokenOf(R"({"alg":"x","kid":{}})"), "`kid`"},
        BadCase{"KidNul", TokenOf(R"({"alg":"x","kid":"a\u0000"})"),
                "control characters"},
        BadCase{"KidNewline", TokenOf(R"({"alg":"x","kid":"a\nb"})"),
                "control characters"},
        BadCase{"KidReversed", TokenOf(R"({"alg":"x","kid":"a\u202eb"})"),
                "control characters"},
        BadCase{"KidLong",
                TokenOf(absl::StrCat(R"({"alg":"x","kid":")",
                                     std::string(257, 'k'), "\"}")),
                "256 octets"},
        BadCase{"TypList", TokenOf(R"({"alg":"x","typ":["JWT"]})"), "`typ`"},
        BadCase{"Nested", TokenOf(R"({"alg":"x","cty":"JWT"})"),
                "another token"},
        BadCase{"NestedLower", TokenOf(R"({"alg":"x","cty":"jwt"})"),
                "another token"},
        BadCase{"NestedLong", TokenOf(R"({"alg":"x","cty":"application/jwt"})"),
                "another token"}),
    [](const auto& info) { return info.param.name; });

TEST(JsonWebTokenTest, RefusesHeadersThatAskForSomething) {
  for (const char* name :
       {"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"}) {
    for (const char* value : {"null", "true", "[]", "\"https://evil/x\""}) {
      EXPECT_THAT(ParseToken(TokenOf(absl::StrCat(R"({"alg":"RS256",")", name,
                                                  "\":", value, "}"))),
                  AllOf(StatusIs(absl::StatusCode::kUnauthenticated,
                                 HasSubstr(absl::StrCat("`", name, "`"))),
                        HasReason("TOKEN_MALFORMED")));
    }
  }
}

TEST(JsonWebTokenTest, ToldErrorsAreShownSafely) {
  const absl::Status status =
      ParseToken(TokenOf(kHeader, "{\"\x1b[2J\":1}")).status();
  EXPECT_EQ(status.message().find('\x1b'), absl::string_view::npos);
  EXPECT_THAT(status, HasReason("TOKEN_MALFORMED"));
}

}  // namespace
}  // namespace countersign::auth
