// Logins and redirects of the real client, and whom it gives a password.
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_matchers.h"
#include "client/oci/hostile_fixture.h"
#include "client/oci/hostile_server.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/registry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using ::countersign::base::HasReason;
using ::countersign::base::IsOkAndHolds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

class RegistryLoginTest : public HostileFixture {
 protected:
  // A registry that wants `challenge` answered with `authorization`; what is
  // under /token goes to `token`.
  void ServeLogin(const std::string& challenge,
                  const std::string& authorization,
                  HostileServer::Handler token) {
    challenge_ = challenge;
    Serve([this, authorization, token](const HostileRequest& request) {
      if (absl::StartsWith(request.target, "/token")) return token(request);
      if (Authorization(request) == authorization) return Manifest();
      return Reply(401, {"WWW-Authenticate: " + challenge_},
                   R"({"errors":[{"code":"UNAUTHORIZED"}]})");
    });
    const std::string realm = "http://" + server_->host() + "/token";
    const size_t at = challenge_.find("REALM");
    if (at != std::string::npos) challenge_.replace(at, 5, realm);
  }
  std::vector<HostileRequest> TokenRequests() const {
    std::vector<HostileRequest> result;
    for (HostileRequest& request : server_->Requests()) {
      if (absl::StartsWith(request.target, "/token")) result.push_back(request);
    }
    return result;
  }
  static HostileReply GiveToken(const HostileRequest&) {
    return Reply(200, {}, R"({"token":"t0k3n","expires_in":300})");
  }

  std::string challenge_;
  const std::string basic_ =
      "Basic " + base::Base64Encode("tester:open sesame");
};

TEST_F(RegistryLoginTest, SendsNothingUntilItIsAsked) {
  password_ = "open sesame";
  Serve([](const HostileRequest&) { return Manifest(); });
  ASSERT_OK(Get());
  EXPECT_EQ(Authorization(server_->Requests().at(0)), "");
  EXPECT_EQ(lookups_, 0);
}

TEST_F(RegistryLoginTest, AnswersBasicOnceAndRemembersIt) {
  password_ = "open sesame";
  ServeLogin("Basic realm=\"x\"", basic_, GiveToken);
  ASSERT_OK(Get());
  ASSERT_OK(Get());
  EXPECT_THAT(server_->Requests(), SizeIs(3));
  EXPECT_EQ(lookups_, 1);
}

TEST_F(RegistryLoginTest, FetchesATokenAsAnybody) {
  ServeLogin("Bearer realm=\"REALM\",service=\"s v\",scope=\"x\"",
             "Bearer t0k3n", GiveToken);
  ASSERT_OK(Get());
  ASSERT_OK(Get());
  ASSERT_THAT(TokenRequests(), SizeIs(1));
  const HostileRequest token = TokenRequests()[0];
  EXPECT_EQ(token.method, "GET");
  EXPECT_EQ(token.target,
            "/token?service=s%20v&scope=repository%3Ateam%2Fapp%3Apull");
  EXPECT_EQ(Authorization(token), "");
}

TEST_F(RegistryLoginTest, FetchesATokenWithAPassword) {
  password_ = "open sesame";
  ServeLogin("Bearer realm=\"REALM?a=b\",service=\"s\"", "Bearer t0k3n",
             GiveToken);
  ASSERT_OK(Get());
  const HostileRequest token = TokenRequests().at(0);
  EXPECT_EQ(Authorization(token), basic_);
  EXPECT_THAT(token.target,
              AllOf(HasSubstr("?a=b&service=s&"), HasSubstr("account=tester")));
}

TEST_F(RegistryLoginTest, ChangesAnIdentityTokenIntoAnAccessToken) {
  identity_token_ = "refresh&me";
  ServeLogin("Bearer realm=\"REALM\",service=\"s\"", "Bearer a.b-c",
             [](const HostileRequest&) {
               return Reply(200, {}, R"({"access_token":"a.b-c"})");
             });
  ASSERT_OK(Get());
  const HostileRequest token = TokenRequests().at(0);
  EXPECT_EQ(token.method, "POST");
  EXPECT_EQ(token.target, "/token");
  EXPECT_THAT(token.body, AllOf(HasSubstr("grant_type=refresh_token"),
                                HasSubstr("refresh_token=refresh%26me"),
                                HasSubstr("scope=repository%3Ateam%2Fapp%3A")));
}

TEST_F(RegistryLoginTest, AsksForMoreRightsOnlyToPush) {
  ServeLogin("Bearer realm=\"REALM\",service=\"s\"", "Bearer push",
             [](const HostileRequest& request) {
               return Reply(200, {},
                            absl::StrContains(request.target, "push")
                                ? R"({"token":"push"})"
                                : R"({"token":"pull"})");
             });
  EXPECT_THAT(Get(), HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_OK(
      repository_->PutManifest("1.0", std::string(kOciManifestType), "{}"));
  EXPECT_THAT(TokenRequests().back().target, HasSubstr("pull%2Cpush"));
  // Who may push may read.
  EXPECT_OK(Get());
}

TEST_F(RegistryLoginTest, ListensToNoScopeOfTheRegistry) {
  ServeLogin(
      "Bearer realm=\"REALM\",scope=\"repository:other/secret:pull,push\"",
      "Bearer t0k3n", GiveToken);
  ASSERT_OK(Get());
  EXPECT_THAT(TokenRequests().at(0).target, Not(HasSubstr("secret")));
}

TEST_F(RegistryLoginTest, EndsALoopOfRefusals) {
  password_ = "open sesame";
  ServeLogin("Bearer realm=\"REALM\"", "nothing", GiveToken);
  const auto got = Get();
  EXPECT_THAT(got, HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_THAT(MessageOf(got.status()),
              AllOf(HasSubstr("the test's file"), HasSubstr("UNAUTHORIZED"),
                    Not(HasSubstr("sesame"))));
  EXPECT_LE(server_->Requests().size(), 4u);
}

TEST_F(RegistryLoginTest, SaysThatThereAreNoCredentials) {
  ServeLogin("Basic realm=\"x\"", basic_, GiveToken);
  const auto got = Get();
  EXPECT_THAT(got, HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_THAT(MessageOf(got.status()),
              AllOf(HasSubstr("there are no credentials for"),
                    HasSubstr("docker login")));
}

TEST_F(RegistryLoginTest, RefusesChallengesThatItCannotAnswer) {
  password_ = "open sesame";
  for (const char* challenge :
       {"", "Bearer", "Bearer realm", "Bearer realm=", "Negotiate",
        "Bearer realm=\"unterminated", "Bearer realm=\"ftp://x/\"",
        "Bearer realm=\"//x/y\"", "Bearer realm=\"http://u:p@127.0.0.1/\"",
        "Bearer realm=\"http://token.example/\"", "Digest realm=\"x\"",
        "Bearer realm=\"https://x y/\"", ",,,=,"}) {
    ServeLogin(challenge, basic_, GiveToken);
    const auto got = Get();
    EXPECT_THAT(got, HasReason("REGISTRY_ANSWER")) << challenge;
    EXPECT_THAT(TokenRequests(), IsEmpty());
  }
}

TEST_F(RegistryLoginTest, UsesNoTokenThatWouldBreakTheHeader) {
  for (const char* answer :
       {"", "{}", "[]", R"({"token":""})", R"({"token":1})",
        R"({"token":"a\r\nX-Evil: 1"})", R"({"token":"a b"})"}) {
    ServeLogin(
        "Bearer realm=\"REALM\"", "none",
        [answer](const HostileRequest&) { return Reply(200, {}, answer); });
    EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER")) << answer;
    for (const HostileRequest& request : server_->Requests()) {
      EXPECT_EQ(HeaderOf(request, "x-evil"), "");
    }
  }
}

TEST_F(RegistryLoginTest, FollowsNoRedirectOfATokenServer) {
  password_ = "open sesame";
  HostileServer other([](const HostileRequest&) { return Reply(200); });
  ServeLogin("Bearer realm=\"REALM\"", "none", [&](const HostileRequest&) {
    return Reply(307, {"Location: http://" + other.host() + "/"});
  });
  EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(other.Requests(), IsEmpty());
}

// Redirects.

TEST_F(RegistryLoginTest, ReadsABlobElsewhereWithoutPassword) {
  password_ = "open sesame";
  HostileServer storage(
      [](const HostileRequest&) { return Reply(200, {}, "octets"); });
  Serve([&](const HostileRequest& request) {
    if (Authorization(request) != basic_) {
      return Reply(401, {"WWW-Authenticate: Basic realm=\"x\""});
    }
    return Reply(307, {"Location: http://" + storage.host() + "/b?sig=1"});
  });
  EXPECT_THAT(GetBlob("octets"), IsOkAndHolds("octets"));
  const auto requests = storage.Requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].target, "/b?sig=1");
  EXPECT_EQ(Authorization(requests[0]), "");
}

TEST_F(RegistryLoginTest, AnswersNoChallengeElsewhere) {
  password_ = "open sesame";
  HostileServer storage([](const HostileRequest&) {
    return Reply(401, {"WWW-Authenticate: Basic realm=\"x\""});
  });
  Serve([&](const HostileRequest&) {
    return Reply(302, {"Location: http://" + storage.host() + "/"});
  });
  EXPECT_THAT(GetBlob("x"), HasReason("REGISTRY_LOGIN_NEEDED"));
  EXPECT_THAT(storage.Requests(), SizeIs(1));
  EXPECT_EQ(lookups_, 0);
}

TEST_F(RegistryLoginTest, SendsNoPasswordOnTheWayBack) {
  password_ = "open sesame";
  std::string home;
  HostileServer storage([&](const HostileRequest&) {
    return Reply(302, {"Location: http://" + home + "/back"});
  });
  Serve([&](const HostileRequest& request) {
    if (request.target == "/back") {
      return Reply(200, {}, Authorization(request).empty() ? "none" : "some");
    }
    if (Authorization(request).empty()) {
      return Reply(401, {"WWW-Authenticate: Basic realm=\"x\""});
    }
    return Reply(302, {"Location: http://" + storage.host() + "/"});
  });
  home = server_->host();
  EXPECT_THAT(GetBlob("none"), IsOkAndHolds("none"));
}

TEST_F(RegistryLoginTest, ReadsManifestsAtHomeOnly) {
  HostileServer other([](const HostileRequest&) { return Manifest(); });
  Serve([&](const HostileRequest&) {
    return Reply(307, {"Location: http://" + other.host() + "/v2/x"});
  });
  const auto got = Get();
  EXPECT_THAT(got, HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(MessageOf(got.status()), HasSubstr(other.host()));
  EXPECT_THAT(repository_->ListReferrers(OciDigestOf("x")),
              HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(other.Requests(), IsEmpty());
}

TEST_F(RegistryLoginTest, FollowsARedirectWithinTheRegistry) {
  Serve([](const HostileRequest& request) {
    return request.target == "/else?x=1" ? Manifest()
                                         : Reply(301, {"Location: /else?x=1"});
  });
  EXPECT_OK(Get());
}

TEST_F(RegistryLoginTest, EndsACircleOfRedirects) {
  Serve([](const HostileRequest& request) {
    return Reply(302, {"Location: " + request.target});
  });
  EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(server_->Requests(), SizeIs(6));
  EXPECT_THAT(GetBlob("x"), HasReason("REGISTRY_ANSWER"));
}

TEST_F(RegistryLoginTest, RefusesLocationsThatAreNoPlaceToGo) {
  std::string location;
  Serve([&](const HostileRequest&) {
    return Reply(302, {"Location: " + location});
  });
  for (const char* text :
       {"", "file:///etc/passwd", "gopher://127.0.0.1/",
        "http://u:p@127.0.0.1/", "http://", "http://a b/", "\x01"}) {
    location = text;
    const auto got = GetBlob("x");
    EXPECT_FALSE(got.ok()) << text;
    EXPECT_THAT(got, HasReason("REGISTRY_ANSWER")) << text;
  }
}

// Uploads.

class UploadTest : public RegistryLoginTest {
 protected:
  // Answers HEAD with 404, POST with `location`, PUT with 201.
  void ServeUpload(const std::string& location) {
    Serve([location](const HostileRequest& request) {
      if (request.method == "HEAD") return Reply(404);
      if (request.method == "POST") {
        return Reply(202, {"Location: " + location});
      }
      return Reply(201);
    });
  }
  absl::Status Put() { return repository_->PutBlob(OciDigestOf("x"), "x"); }
};

TEST_F(UploadTest, KeepsTheQueryOfItsPlace) {
  const std::string digest = "digest=sha256%3A";
  const struct {
    const char *location, *begin;
  } rows[] = {{"/up/1", "/up/1?"},
              {"/up/1?state=a%2Fb", "/up/1?state=a%2Fb&"},
              {"2?_state=x", "/v2/team/app/blobs/uploads/2?_state=x&"}};
  for (const auto& row : rows) {
    ServeUpload(row.location);
    ASSERT_OK(Put());
    const HostileRequest put = server_->Requests().back();
    EXPECT_EQ(put.method, "PUT");
    EXPECT_EQ(put.target,
              absl::StrCat(row.begin, digest, OciDigestOf("x").substr(7)));
    EXPECT_EQ(put.body, "x");
    EXPECT_EQ(HeaderOf(put, "content-length"), "1");
  }
}

TEST_F(UploadTest, TakesAnAbsolutePlaceAtHome) {
  std::string location;
  Serve([&](const HostileRequest& request) {
    if (request.method == "HEAD") return Reply(404);
    if (request.method == "POST") {
      return Reply(202, {"Location: " + location});
    }
    return Reply(201);
  });
  location = "http://" + server_->host() + "/up?s=1";
  EXPECT_OK(Put());
}

TEST_F(UploadTest, UploadsToNobodyElse) {
  HostileServer other([](const HostileRequest&) { return Reply(201); });
  ServeUpload("http://" + other.host() + "/up");
  EXPECT_THAT(Put(), HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(other.Requests(), IsEmpty());
}

TEST_F(UploadTest, FollowsNoRedirectOfAnUpload) {
  HostileServer other([](const HostileRequest&) { return Reply(201); });
  for (const char* method : {"POST", "PUT"}) {
    Serve([&other, method](const HostileRequest& request) {
      if (request.method == "HEAD") return Reply(404);
      if (request.method == method) {
        return Reply(307, {"Location: http://" + other.host() + "/"});
      }
      return Reply(202, {"Location: /up"});
    });
    EXPECT_THAT(Put(), HasReason("REGISTRY_ANSWER"));
  }
  EXPECT_THAT(
      repository_->PutManifest("1", std::string(kOciManifestType), "{}"),
      HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(other.Requests(), IsEmpty());
}

TEST_F(UploadTest, NeedsAPlaceToUploadTo) {
  Serve([](const HostileRequest& request) {
    return Reply(request.method == "HEAD" ? 404 : 202);
  });
  EXPECT_THAT(Put(), HasReason("REGISTRY_ANSWER"));
}

TEST_F(UploadTest, SendsAnEmptyBlob) {
  ServeUpload("/up");
  ASSERT_OK(repository_->PutBlob(OciDigestOf(""), ""));
  EXPECT_EQ(HeaderOf(server_->Requests().back(), "content-length"), "0");
  EXPECT_THAT(repository_->PutBlob(OciDigestOf("x"), ""),
              HasReason("DIGEST_MISMATCH"));
}

}  // namespace
}  // namespace countersign::client
