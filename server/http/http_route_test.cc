#include "server/http/http_route.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

core::OperationName Name(const std::string& text) {
  return *core::OperationName::Parse(text);
}

HttpPaths Paths() {
  HttpPaths paths;
  paths.aliases["/k/release"] = Name("products/shop/operations/release");
  return paths;
}

TEST(FindRoute, FindsTheOperationAndTheScheme) {
  const struct {
    const char* target;
    const char* operation;
    core::SignatureAlgorithm algorithm;
    const char* query;
  } kRows[] = {
      {"/products/p/operations/o/sign/rsassa-pss", "products/p/operations/o",
       core::SignatureAlgorithm::kRsassaPss, ""},
      {"/products/p/operations/o/sign/rsassa-pkcs1-v1_5?hashAlgorithm=SHA-256",
       "products/p/operations/o", core::SignatureAlgorithm::kRsassaPkcs1V15,
       "hashAlgorithm=SHA-256"},
      {"/k/release/sign/rsassa-pss?a=b?c", "products/shop/operations/release",
       core::SignatureAlgorithm::kRsassaPss, "a=b?c"},
      {"/products/p/operations/o/sign/rsassa%2Dpss", "products/p/operations/o",
       core::SignatureAlgorithm::kRsassaPss, ""},
  };
  for (const auto& row : kRows) {
    const HttpRoute route = FindRoute("POST", row.target, Paths());
    ASSERT_FALSE(route.refusal.has_value())
        << row.target << ": " << route.refusal->body;
    EXPECT_EQ(route.kind, HttpKind::kSign);
    EXPECT_EQ(route.operation.Format(), row.operation) << row.target;
    EXPECT_EQ(route.algorithm, row.algorithm) << row.target;
    EXPECT_EQ(route.query, row.query) << row.target;
  }
}

TEST(FindRoute, TakesTheDefaultOperationWhereNoneIsNamed) {
  HttpPaths paths;
  paths.default_operation = Name("products/p/operations/o");
  const HttpRoute route = FindRoute("POST", "/sign/rsassa-pss", paths);
  ASSERT_FALSE(route.refusal.has_value());
  EXPECT_EQ(route.operation.Format(), "products/p/operations/o");
}

TEST(FindRoute, SaysWhatIsWrongAndWhatWouldBeRight) {
  const struct {
    const char* method;
    const char* target;
    int code;
    const char* says;
    const char* allow;
  } kRows[] = {
      {"POST", "/sign/rsassa-pss", 404, "no http.default_operation", ""},
      {"POST", "/k/other/sign/rsassa-pss", 404, "http.paths has /k/release",
       ""},
      {"POST", "/products/P!/operations/o/sign/rsassa-pss", 404, "not found",
       ""},
      {"POST", "/products/p/sign/rsassa-pss", 404, "products/", ""},
      {"POST", "/sign/rsassa-pss/", 404, "/sign/rsassa-pss", ""},
      {"POST", "/sign/ecdsa", 404, "/sign/rsassa-pkcs1-v1_5", ""},
      {"POST", "/", 404, "/healthz", ""},
      {"POST", "*", 404, "not found", ""},
      {"POST", "", 404, "not found", ""},
      {"POST", "/sign/rsassa%2", 400, "\"%2\" is no escape", ""},
      {"GET", "/k/release/sign/rsassa-pss", 405, "POST", "POST"},
      {"PUT", "/k/release/sign/rsassa-pss", 405, "POST", "POST"},
      {"POST", "/healthz", 405, "GET", "GET, HEAD"},
      {"DELETE", "/readyz", 405, "GET", "GET, HEAD"},
  };
  for (const auto& row : kRows) {
    const HttpRoute route = FindRoute(row.method, row.target, Paths());
    ASSERT_TRUE(route.refusal.has_value()) << row.target;
    EXPECT_EQ(route.refusal->code, row.code) << row.target;
    EXPECT_THAT(route.refusal->body, HasSubstr(row.says)) << row.target;
    EXPECT_EQ(route.refusal->allow, row.allow) << row.target;
  }
}

TEST(FindRoute, KnowsTheProbes) {
  EXPECT_EQ(FindRoute("GET", "/healthz", {}).kind, HttpKind::kHealth);
  EXPECT_EQ(FindRoute("HEAD", "/readyz?verbose", {}).kind, HttpKind::kReady);
  EXPECT_FALSE(FindRoute("GET", "/healthz", {}).refusal.has_value());
  EXPECT_EQ(FindRoute("GET", "/metrics", {}).kind, HttpKind::kOther);
}

TEST(FindRoute, KnowsRevocationLists) {
  const HttpRoute route = FindRoute("GET", "/crl/site-1.crl", {});
  EXPECT_EQ(route.kind, HttpKind::kCrl);
  EXPECT_EQ(route.authority, "site-1");
  EXPECT_FALSE(route.refusal.has_value());
  EXPECT_FALSE(FindRoute("HEAD", "/crl/a.crl", {}).refusal.has_value());
  EXPECT_EQ(FindRoute("POST", "/crl/a.crl", {}).refusal->allow, "GET, HEAD");
  for (const char* target :
       {"/crl/", "/crl/.crl", "/crl/a", "/crl/A.crl", "/crl/../a.crl",
        "/crl/a%2fb.crl", "/crl/a.crl/", "/crl/a%00.crl"}) {
    const HttpRoute bad = FindRoute("GET", target, {});
    EXPECT_EQ(bad.kind, HttpKind::kCrl) << target;
    ASSERT_TRUE(bad.refusal.has_value()) << target;
    EXPECT_EQ(bad.refusal->code, 404) << target;
  }
}

TEST(FindRoute, NeverEchoesControlCharacters) {
  const HttpRoute route = FindRoute("POST", "/%0d%0aSet-Cookie:%20a", {});
  ASSERT_TRUE(route.refusal.has_value());
  EXPECT_EQ(route.refusal->body.find('\r'), std::string::npos);
  EXPECT_EQ(route.refusal->body.find('\n'), route.refusal->body.size() - 1);
}

TEST(PercentDecode, KnowsBothWaysToWriteABlank) {
  EXPECT_THAT(PercentDecode("a%20b+c", true), base::IsOkAndHolds("a b c"));
  EXPECT_THAT(PercentDecode("a%2Bb+c", false), base::IsOkAndHolds("a+b+c"));
  EXPECT_FALSE(PercentDecode("%", true).ok());
  EXPECT_FALSE(PercentDecode("%4", true).ok());
  EXPECT_FALSE(PercentDecode("%zz", true).ok());
}

TEST(CheckAliasPath, RefusesWhatCouldNotBeFound) {
  EXPECT_OK(CheckAliasPath("/k/release"));
  EXPECT_OK(CheckAliasPath("/signing"));
  for (const char* path :
       {"", "/", "k", "/k/", "/sign", "/sign/k", "/products/p", "/crl",
        "/healthz", "/readyz/x", "/k?x", "/k release", "/k%20"}) {
    EXPECT_FALSE(CheckAliasPath(path).ok()) << path;
  }
}

}  // namespace
}  // namespace countersign::server
