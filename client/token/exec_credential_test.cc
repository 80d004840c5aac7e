#include "client/token/exec_credential.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_matchers.h"
#include "client/token/testing_token.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);
const TokenUse kUse = {"token of the program helper", ""};

std::string Credential(const std::string& status,
                       const std::string& version = "v1") {
  return absl::StrCat(R"({"apiVersion":"client.authentication.k8s.io/)",
                      version, R"(","kind":"ExecCredential","status":)", status,
                      "}\n");
}

TEST(ExecInfo, IsTheRequestThatKubectlMakes) {
  ASSERT_OK_AND_ASSIGN(const base::Json info, base::ParseJson(ExecInfo()));
  EXPECT_EQ(info.Find("apiVersion")->string(),
            "client.authentication.k8s.io/v1");
  EXPECT_EQ(info.Find("kind")->string(), "ExecCredential");
  EXPECT_FALSE(info.Find("spec")->Find("interactive")->bool_value());
}

TEST(ReadExecCredential, TakesTokenAndEnd) {
  for (const char* version : {"v1", "v1beta1"}) {
    ASSERT_OK_AND_ASSIGN(
        const BearerToken token,
        ReadExecCredential(
            Credential(
                R"({"token":"abc","expirationTimestamp":"2026-01-01T00:05:00Z"})",
                version),
            kUse, kNow));
    EXPECT_EQ(token.value.DangerouslyExpose(), "abc");
    EXPECT_EQ(token.expire_time, kNow + absl::Minutes(5));
  }
}

TEST(ReadExecCredential, TakesTheEarlierEnd) {
  ASSERT_OK_AND_ASSIGN(
      const BearerToken token,
      ReadExecCredential(
          Credential(absl::StrCat(
              R"({"expirationTimestamp":"2026-01-01T00:09:00Z","token":")",
              TestToken(kNow + absl::Minutes(3)), "\"}")),
          kUse, kNow));
  EXPECT_EQ(token.expire_time, kNow + absl::Minutes(3));
}

TEST(ReadExecCredential, TakesATokenOnALine) {
  ASSERT_OK_AND_ASSIGN(const BearerToken token,
                       ReadExecCredential("abc.def.ghi\n", kUse, kNow));
  EXPECT_EQ(token.value.DangerouslyExpose(), "abc.def.ghi");
  EXPECT_EQ(token.expire_time, absl::InfiniteFuture());
}

TEST(ReadExecCredential, RefusesOtherAnswersWithoutShowingThem) {
  for (
      const std::string& output :
      {std::string(R"({"accessToken":"s3cret"})"),
       std::string(R"({"token":"s3cret")"),
       Credential(R"({"clientCertificateData":"s3cret"})"),
       Credential(R"({"token":7,"x":"s3cret"})"),
       Credential(R"({"token":"s3cret"})", "v2"),
       Credential(R"({"token":"s3cret","expirationTimestamp":"soon"})"),
       std::string(
           R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"s3cret"})")}) {
    const auto got = ReadExecCredential(output, kUse, kNow);
    EXPECT_THAT(got, HasReason("TOKEN_HELPER_FAILED")) << output;
    EXPECT_THAT(std::string(got.status().message()), Not(HasSubstr("s3cret")));
  }
  EXPECT_THAT(ReadExecCredential("", kUse, kNow), HasReason("TOKEN_MALFORMED"));
  EXPECT_THAT(ReadExecCredential("two lines\nhere", kUse, kNow),
              HasReason("TOKEN_MALFORMED"));
}

}  // namespace
}  // namespace countersign::client
