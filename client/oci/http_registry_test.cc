// The real client against registries that answer wrongly, late or never. What
// right registries do is in http_registry_contract_test.cc.
#include "client/oci/http_registry.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_matchers.h"
#include "client/oci/hostile_fixture.h"
#include "client/oci/hostile_server.h"
#include "client/oci/image_reference.h"
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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using HttpRegistryTest = HostileFixture;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST_F(HttpRegistryTest, AsksForAllTypesInOneHeader) {
  Serve([](const HostileRequest&) { return Manifest(); });
  ASSERT_OK(Get());
  const HostileRequest request = server_->Requests().at(0);
  EXPECT_EQ(request.target, "/v2/team/app/manifests/1.0");
  EXPECT_THAT(HeaderOf(request, "accept"),
              AllOf(HasSubstr(std::string(kOciManifestType)),
                    HasSubstr(std::string(kOciIndexType)),
                    HasSubstr(std::string(kDockerManifestType)),
                    HasSubstr(std::string(kDockerIndexType))));
  EXPECT_THAT(HeaderOf(request, "user-agent"), HasSubstr("countersign"));
}

TEST_F(HttpRegistryTest, RefusesOctetsOfAnotherDigest) {
  Serve([](const HostileRequest& request) {
    return absl::StrContains(request.target, "/blobs/") ? Reply(200, {}, "no")
                                                        : Manifest();
  });
  EXPECT_THAT(Get("sha256:" + std::string(64, '1')),
              HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(GetBlob("yes"), HasReason("DIGEST_MISMATCH"));
}

TEST_F(HttpRegistryTest, BelievesNoDigestHeaderThatIsNotOfTheBytes) {
  Serve([](const HostileRequest&) {
    return Reply(200,
                 {absl::StrCat("Content-Type: ", kOciManifestType),
                  "Docker-Content-Digest: sha256:" + std::string(64, '1')},
                 "{}");
  });
  EXPECT_THAT(Get(), HasReason("DIGEST_MISMATCH"));
  EXPECT_THAT(
      repository_->PutManifest("1.0", std::string(kOciManifestType), "{}"),
      HasReason("DIGEST_MISMATCH"));
}

TEST_F(HttpRegistryTest, RefusesAManifestThatIsNone) {
  std::string body;
  std::string type;
  Serve([&](const HostileRequest&) {
    return Reply(200, {"Content-Type: " + type}, body);
  });
  const struct {
    std::string type, body, part;
  } rows[] = {
      {"text/html", "<html>", "a manifest"},
      {std::string(kOciManifestType), "[]", "no JSON object"},
      {std::string(kOciManifestType),
       absl::StrCat(R"({"mediaType":")", kOciIndexType, R"("})"),
       "its Content-Type says"},
      {"application/json", R"({"mediaType":"a/b\r\nX-Evil: 1"})", "the type"},
      {"", "{}", "the type"},
  };
  for (const auto& row : rows) {
    type = row.type;
    body = row.body;
    const auto got = Get();
    EXPECT_THAT(got, HasReason("REGISTRY_ANSWER")) << row.body;
    EXPECT_THAT(MessageOf(got.status()), HasSubstr(row.part));
  }
}

TEST_F(HttpRegistryTest, TakesTheTypeFromAManifestWithoutAHeader) {
  Serve([](const HostileRequest&) {
    return Reply(200, {"Content-Type: application/json"},
                 absl::StrCat(R"({"mediaType":")", kOciIndexType, R"("})"));
  });
  EXPECT_EQ(Get()->media_type, kOciIndexType);
}

TEST_F(HttpRegistryTest, StopsAtAManifestAboveFourMebibytes) {
  Serve([](const HostileRequest&) {
    return Manifest(std::string(kMaxManifestBytes + 1, ' '));
  });
  EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER"));
}

TEST_F(HttpRegistryTest, StopsAtABodyWithoutEnd) {
  const auto endless = [](int status) {
    HostileReply reply;
    reply.bytes = absl::StrCat("HTTP/1.1 ", status,
                               " x\r\nContent-Type: ", kOciManifestType,
                               "\r\nTransfer-Encoding: chunked\r\n\r\n");
    reply.then = HostileReply::Then::kRepeatForever;
    reply.repeat = "1000\r\n" + std::string(0x1000, ' ') + "\r\n";
    return reply;
  };
  int status = 200;
  Serve([&](const HostileRequest&) { return endless(status); });
  EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER"));
  EXPECT_THAT(GetBlob("x"), HasReason("BLOB_TOO_LARGE"));
  // Of errors only the beginning is read.
  status = 403;
  EXPECT_THAT(Get(), HasReason("REGISTRY_DENIED"));
}

TEST_F(HttpRegistryTest, StopsAtHeadersWithoutEnd) {
  Serve([](const HostileRequest&) {
    HostileReply reply;
    reply.bytes = "HTTP/1.1 200 x\r\n";
    reply.then = HostileReply::Then::kRepeatForever;
    reply.repeat = "X-Header: " + std::string(1000, 'x') + "\r\n";
    return reply;
  });
  EXPECT_THAT(Get(), HasReason("REGISTRY_ANSWER"));
}

TEST_F(HttpRegistryTest, EndsWaitingForAnAnswerThatNeverComes) {
  options_.session.connection.answer_timeout = absl::Milliseconds(300);
  Serve([](const HostileRequest&) {
    HostileReply reply;
    reply.bytes = "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\n{";
    reply.then = HostileReply::Then::kHang;
    return reply;
  });
  EXPECT_THAT(Get(), HasReason("REGISTRY_UNREACHABLE"));
  // It is not asked again: that would take as long.
  EXPECT_THAT(server_->Requests(), SizeIs(1));
}

TEST_F(HttpRegistryTest, EndsABlobThatStandsStill) {
  options_.session.connection.stall_timeout = absl::Seconds(1);
  Serve([](const HostileRequest&) {
    HostileReply reply;
    reply.bytes = "HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\nx";
    reply.then = HostileReply::Then::kHang;
    return reply;
  });
  EXPECT_THAT(GetBlob("x"), HasReason("REGISTRY_UNREACHABLE"));
}

TEST_F(HttpRegistryTest, SeesABlobThatWasCutOff) {
  Serve([](const HostileRequest&) {
    HostileReply reply;
    reply.bytes = "HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\nhalf";
    return reply;
  });
  EXPECT_THAT(GetBlob("half"), HasReason("REGISTRY_UNREACHABLE"));
  EXPECT_THAT(server_->Requests(), SizeIs(1));  // the sink saw octets
}

TEST_F(HttpRegistryTest, ReadsABlobInChunks) {
  Serve([](const HostileRequest&) {
    HostileReply reply;
    reply.bytes =
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    return reply;
  });
  EXPECT_THAT(GetBlob("abcdef"), IsOkAndHolds("abcdef"));
}

TEST_F(HttpRegistryTest, TriesReadingAgainWhenTheServerFails) {
  int calls = 0;
  Serve([&](const HostileRequest&) {
    return ++calls <= 3 ? Reply(503) : Manifest();
  });
  EXPECT_OK(Get());
  ASSERT_THAT(pauses_, SizeIs(3));
  EXPECT_LT(pauses_[0], pauses_[2]);
}

TEST_F(HttpRegistryTest, GivesUpAfterThreeMoreTries) {
  Serve([](const HostileRequest&) {
    return Reply(500, {}, R"({"errors":[{"code":"UNKNOWN","message":"oh"}]})");
  });
  const auto got = Get();
  EXPECT_THAT(got, HasReason("REGISTRY_UNREACHABLE"));
  EXPECT_THAT(MessageOf(got.status()), HasSubstr("UNKNOWN: oh"));
  EXPECT_THAT(server_->Requests(), SizeIs(4));
}

TEST_F(HttpRegistryTest, TriesAgainWhenTheConnectionBreaks) {
  int calls = 0;
  Serve([&](const HostileRequest&) {
    return ++calls == 1 ? HostileReply{} : Manifest();
  });
  EXPECT_OK(Get());
}

TEST_F(HttpRegistryTest, WritesOnce) {
  Serve([](const HostileRequest&) { return Reply(503); });
  EXPECT_THAT(
      repository_->PutManifest("1.0", std::string(kOciManifestType), "{}"),
      HasReason("REGISTRY_UNREACHABLE"));
  EXPECT_THAT(server_->Requests(), SizeIs(1));
}

TEST_F(HttpRegistryTest, WaitsAsLongAsAShortRateLimitSays) {
  int calls = 0;
  Serve([&](const HostileRequest&) {
    return ++calls == 1 ? Reply(429, {"Retry-After: 7"}) : Manifest();
  });
  EXPECT_OK(Get());
  EXPECT_THAT(pauses_, ElementsAre(absl::Seconds(7)));
}

TEST_F(HttpRegistryTest, SaysHowLongALongRateLimitLasts) {
  Serve([](const HostileRequest&) {
    return Reply(429,
                 {"Retry-After: 3600", "RateLimit-Limit: 100;w=21600",
                  "RateLimit-Remaining: 0"},
                 R"({"errors":[{"code":"TOOMANYREQUESTS"}]})");
  });
  const auto got = Get();
  EXPECT_THAT(got, HasReason("REGISTRY_RATE_LIMIT"));
  EXPECT_EQ(got.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(got.status()),
              AllOf(HasSubstr("TOOMANYREQUESTS"), HasSubstr("3600 s"),
                    HasSubstr("100;w=21600"), HasSubstr("left 0")));
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(HttpRegistryTest, GivesEachAnswerItsError) {
  int status = 0;
  Serve([&](const HostileRequest&) {
    return Reply(status, {},
                 "{\"errors\":[{\"code\":\"X\",\"message\":\"why\\u001b\"}]}");
  });
  const struct {
    int status;
    const char* reason;
  } rows[] = {{403, "REGISTRY_DENIED"},  {404, "MANIFEST_UNKNOWN"},
              {400, "REGISTRY_REFUSED"}, {405, "REGISTRY_REFUSED"},
              {415, "REGISTRY_REFUSED"}, {501, "REGISTRY_UNREACHABLE"},
              {204, "REGISTRY_ANSWER"},  {304, "REGISTRY_ANSWER"}};
  for (const auto& row : rows) {
    status = row.status;
    const auto got = Get();
    EXPECT_THAT(got, HasReason(row.reason)) << row.status;
    EXPECT_THAT(MessageOf(got.status()), HasSubstr("team/app"));
    EXPECT_THAT(MessageOf(got.status()), Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(HttpRegistryTest, SaysThatNobodyListens) {
  Serve([](const HostileRequest&) { return Reply(200); });
  server_.reset();
  EXPECT_THAT(Get(), HasReason("REGISTRY_UNREACHABLE"));
  EXPECT_THAT(pauses_, SizeIs(3));
}

TEST_F(HttpRegistryTest, DoesNotSpeakHttpToAServerThatShouldBeHttps) {
  Serve([](const HostileRequest&) { return Manifest(); });
  auto repository = registries_->Open(*ParseImageReference(
      absl::StrCat("https://", server_->host(), "/team/app")));
  ASSERT_OK(repository);
  EXPECT_THAT((*repository)->GetManifest("1.0"),
              HasReason("REGISTRY_UNREACHABLE"));
  EXPECT_THAT(server_->Requests(), IsEmpty());
}

TEST_F(HttpRegistryTest, FindsPlainHttpOnThisMachineByItself) {
  Serve([](const HostileRequest&) { return Manifest(); });
  auto repository = registries_->Open(
      *ParseImageReference(absl::StrCat(server_->host(), "/team/app")));
  ASSERT_OK(repository);
  EXPECT_OK((*repository)->GetManifest("1.0"));
}

TEST_F(HttpRegistryTest, ReadsAllPagesOfReferrers) {
  const auto entry = [](char digit) {
    return absl::StrCat(R"({"mediaType":"a/b","size":1,"digest":"sha256:)",
                        std::string(64, digit), R"("})");
  };
  std::string next;
  Serve([&](const HostileRequest& request) {
    const bool first = !absl::StrContains(request.target, "page=2");
    std::vector<std::string> headers = {
        absl::StrCat("Content-Type: ", kOciIndexType)};
    if (first) headers.push_back("Link: <" + next + ">; rel=\"next\"");
    return Reply(
        200, headers,
        absl::StrCat(R"({"manifests":[)", entry(first ? '1' : '2'), "]}"));
  });
  const std::string list = "/v2/team/app/referrers/" + OciDigestOf("x");
  for (const std::string& link :
       {list + "?page=2", std::string("?page=2"), OciDigestOf("x") + "?page=2",
        "http://" + server_->host() + list + "?page=2"}) {
    next = link;
    EXPECT_THAT(repository_->ListReferrers(OciDigestOf("x")),
                IsOkAndHolds(SizeIs(2)))
        << link;
    EXPECT_EQ(server_->Requests().back().target, list + "?page=2");
  }
}

TEST_F(HttpRegistryTest, EndsAListOfReferrersThatGoesInACircle) {
  Serve([](const HostileRequest& request) {
    return Reply(200,
                 {absl::StrCat("Content-Type: ", kOciIndexType),
                  "Link: <" + request.target + ">; rel=next"},
                 R"({"manifests":[]})");
  });
  EXPECT_THAT(repository_->ListReferrers(OciDigestOf("x")),
              HasReason("REGISTRY_ANSWER"));
}

TEST_F(HttpRegistryTest, KnowsARegistryWithoutReferrers) {
  int status = 404;
  Serve([&](const HostileRequest&) {
    return Reply(status, {"Content-Type: text/html"}, "<html>");
  });
  for (const int s : {404, 400, 405, 406, 501, 200}) {
    status = s;
    EXPECT_THAT(repository_->ListReferrers(OciDigestOf("x")),
                HasReason("REFERRERS_UNSUPPORTED"))
        << s;
  }
  status = 403;
  EXPECT_THAT(repository_->ListReferrers(OciDigestOf("x")),
              HasReason("REGISTRY_DENIED"));
}

}  // namespace
}  // namespace countersign::client
