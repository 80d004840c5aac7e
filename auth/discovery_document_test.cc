#include "auth/discovery_document.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::StatusIs;
using ::testing::HasSubstr;

constexpr char kIssuer[] = "https://login.example/tenant";

std::string Document(const std::string& issuer, const std::string& jwks_uri) {
  return absl::StrCat(R"({"issuer":")", issuer, R"(","jwks_uri":")", jwks_uri,
                      R"(","claims_supported":["sub",{"deep":[1]}]})");
}

TEST(DiscoveryDocumentTest, TakesWhatAnIssuerSaysOfItself) {
  ASSERT_OK_AND_ASSIGN(
      const DiscoveryDocument document,
      ParseDiscoveryDocument(Document(kIssuer, "https://keys.example/jwks?v=2"),
                             kIssuer));
  EXPECT_EQ(document.issuer, kIssuer);
  EXPECT_EQ(document.jwks_uri, "https://keys.example/jwks?v=2");
}

TEST(DiscoveryDocumentTest, TakesHttpWhereTheIssuerItselfIsSuch) {
  const std::string issuer = "http://127.0.0.1:8080";
  const std::string keys = "http://127.0.0.1:8080/jwks";
  EXPECT_OK(ParseDiscoveryDocument(Document(issuer, keys), issuer));
  EXPECT_THAT(
      ParseDiscoveryDocument(Document(kIssuer, keys), kIssuer),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be https")));
}

TEST(DiscoveryDocumentTest, RefusesTheRest) {
  const std::string keys = "https://keys.example/jwks";
  const std::pair<std::string, const char*> rows[] = {
      {"", "no JSON object"},
      {"[]", "no JSON object"},
      {"<html>", "no JSON object"},
      {std::string(300 << 10, ' '), "no JSON object"},
      {Document(kIssuer, keys) + "x", "no JSON object"},
      {absl::StrCat(R"({"issuer":")", kIssuer, R"(","issuer":")", kIssuer,
                    R"(","jwks_uri":")", keys, R"("})"),
       "no JSON object"},
      {absl::StrCat(R"({"jwks_uri":")", keys, R"("})"), "no issuer"},
      {absl::StrCat(R"({"issuer":[")", kIssuer, R"("],"jwks_uri":")", keys,
                    R"("})"),
       "no issuer"},
      {absl::StrCat(R"({"issuer":")", kIssuer, R"("})"), "no jwks_uri"},
      {absl::StrCat(R"({"issuer":")", kIssuer, R"(","jwks_uri":7})"),
       "no jwks_uri"},
      // Exactly: no normalisation makes two issuers one.
      {Document(absl::StrCat(kIssuer, "/"), keys), "not of"},
      {Document("https://LOGIN.example/tenant", keys), "not of"},
      {Document("https://login.example/tenant2", keys), "not of"},
      {Document("https://evil.example", keys), "\"https://evil.example\""},
      {Document("a\\nb", keys), "\"a\\nb\""},
      {Document(kIssuer, "http://keys.example/jwks"), "must be https"},
      {Document(kIssuer, "/jwks"), "jwks_uri: not a URL"},
      {Document(kIssuer, "file:///etc/passwd"), "jwks_uri"},
      {Document(kIssuer, "https://user:pw@keys.example/"), "jwks_uri"},
      {Document(kIssuer, absl::StrCat(keys, std::string(3000, 'x'))),
       "longer than"},
  };
  for (const auto& [text, why] : rows) {
    EXPECT_THAT(ParseDiscoveryDocument(text, kIssuer),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)))
        << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace countersign::auth
