#include "auth/fetch_issuer_keys.h"

#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "base/testing_https_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using base::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

bool Never() { return false; }

// An issuer's HTTPS server: answers by path.
class IssuerServer {
 public:
  IssuerServer()
      : server_([this](const base::TestingRequest& r) {
          const auto found = answers_.find(r.target);
          base::TestingReply none;
          none.code = 404;
          return found == answers_.end() ? none : found->second;
        }) {
    issuer_.name = "ci";
    issuer_.issuer = server_.origin();
    issuer_.keys.ca_pem = server_.ca_pem();
    Answer(
        "/.well-known/openid-configuration",
        Discovery(server_.origin(), absl::StrCat(server_.origin(), "/jwks")));
    Answer("/jwks", R"({"keys":[]})");
  }

  static std::string Discovery(const std::string& issuer,
                               const std::string& jwks_uri) {
    return absl::StrCat(R"({"issuer":")", issuer, R"(","jwks_uri":")", jwks_uri,
                        R"("})");
  }
  base::TestingReply& Answer(const std::string& path, const std::string& body) {
    answers_[path].body = body;
    return answers_[path];
  }
  absl::StatusOr<IssuerKeys::Fetched> Fetch() const {
    return FetchIssuerKeys(issuer_, Never);
  }

  TokenIssuer issuer_;
  std::map<std::string, base::TestingReply> answers_;
  base::TestingHttpsServer server_;
};

TEST(FetchIssuerKeysTest, AsksTheIssuerWhereItsKeysAre) {
  IssuerServer issuer;
  issuer.Answer("/jwks", R"({"keys":[1]})").headers = {
      {"Cache-Control", "public, max-age=600"}};
  ASSERT_OK_AND_ASSIGN(const IssuerKeys::Fetched fetched, issuer.Fetch());
  EXPECT_EQ(fetched.jwks, R"({"keys":[1]})");
  EXPECT_EQ(fetched.url, absl::StrCat(issuer.server_.origin(), "/jwks"));
  EXPECT_EQ(fetched.max_age, absl::Minutes(10));
}

TEST(FetchIssuerKeysTest, TakesTheDocumentFromAnotherUrl) {
  IssuerServer issuer;
  issuer.issuer_.issuer = "https://elsewhere.example";
  issuer.issuer_.keys.discovery_url =
      absl::StrCat(issuer.server_.origin(), "/other?key=s3cr3t");
  issuer.Answer(
      "/other?key=s3cr3t",
      IssuerServer::Discovery("https://elsewhere.example",
                              absl::StrCat(issuer.server_.origin(), "/jwks")));
  EXPECT_OK(issuer.Fetch().status());
  issuer.issuer_.issuer = "https://other.example";
  EXPECT_THAT(
      issuer.Fetch(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("is of issuer \"https://elsewhere.example\"")));
  EXPECT_THAT(std::string(issuer.Fetch().status().message()),
              Not(HasSubstr("s3cr3t")));
}

TEST(FetchIssuerKeysTest, SaysWhatIsWrongWithAnAnswer) {
  const char kDiscovery[] = "/.well-known/openid-configuration";
  IssuerServer issuer;
  issuer.Answer("/jwks", "").code = 503;
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kUnavailable,
                                       HasSubstr("/jwks answers with HTTP "
                                                 "status 503")));
  issuer.Answer("/jwks", "").code = 302;
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("redirects")));
  issuer.Answer("/jwks", "").code = 403;
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("open to everybody")));
  issuer.Answer(kDiscovery, "<html>");
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("no JSON object")));
  issuer.Answer(kDiscovery, std::string(300 << 10, ' '));
  EXPECT_THAT(issuer.Fetch(),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
  issuer.answers_.clear();
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("404")));
  issuer.issuer_.keys.ca_pem.clear();
  EXPECT_THAT(issuer.Fetch(), StatusIs(absl::StatusCode::kUnavailable,
                                       HasSubstr(issuer.server_.origin())));
}

TEST(FetchIssuerKeysTest, EndsWhenTheServerStops) {
  IssuerServer issuer;
  EXPECT_THAT(FetchIssuerKeys(issuer.issuer_, [] { return true; }),
              StatusIs(absl::StatusCode::kCancelled, _));
}

TEST(FetchIssuerKeysTest, ReadsAFileAndNothingElse) {
  TokenIssuer issuer;
  issuer.issuer = "https://unreachable.invalid";
  issuer.keys.jwks_file = absl::StrCat(std::getenv("TEST_TMPDIR"), "/jwks");
  EXPECT_THAT(
      FetchIssuerKeys(issuer, Never),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr(issuer.keys.jwks_file)));
  ASSERT_OK(base::WriteFileAtomically(issuer.keys.jwks_file, "{}"));
  ASSERT_OK_AND_ASSIGN(const IssuerKeys::Fetched fetched,
                       FetchIssuerKeys(issuer, Never));
  EXPECT_EQ(fetched.jwks, "{}");
  EXPECT_EQ(fetched.url, issuer.keys.jwks_file);
  EXPECT_EQ(fetched.max_age, absl::ZeroDuration());
}

TEST(FreshnessTest, ReadsMaxAge) {
  const std::pair<const char*, absl::Duration> rows[] = {
      {"", absl::ZeroDuration()},
      {"public", absl::ZeroDuration()},
      {"max-age=300", absl::Minutes(5)},
      {"public, MAX-AGE=300 , must-revalidate", absl::Minutes(5)},
      {"max-age=\"300\"", absl::Minutes(5)},
      {"s-maxage=300", absl::ZeroDuration()},
      {"max-age=0", absl::Seconds(1)},
      {"max-age=-5", absl::ZeroDuration()},
      {"max-age=", absl::ZeroDuration()},
      {"max-age=99999999999999999999", absl::ZeroDuration()},
      {"max-age=9223372036854775807", absl::Seconds(9223372036854775807)},
      {"max-age=300, no-store", absl::Seconds(1)},
      {"no-cache", absl::Seconds(1)},
  };
  for (const auto& [text, expected] : rows) {
    EXPECT_EQ(FreshnessOf(text), expected) << text;
  }
}

}  // namespace
}  // namespace countersign::auth
