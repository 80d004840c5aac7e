#include "client/plugins/http_request.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasCode;

const std::string kSign =
    "POST /sign HTTP/1.1\r\nHost: unix\r\nAuthorization: {\"a\": 1}\r\n"
    "Content-Length: 7\r\nContent-Type: application/json\r\n\r\n{\"b\":2}";

TEST(HttpRequestTest, ReadsWhatGoWrites) {
  HttpRequestReader reader;
  ASSERT_THAT(reader.Feed(kSign), base::IsOkAndHolds(true));
  const HttpRequest request = reader.Take();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/sign");
  EXPECT_EQ(request.authorization, "{\"a\": 1}");
  EXPECT_EQ(request.body, "{\"b\":2}");
}

TEST(HttpRequestTest, ReadsItInPiecesOfAnySize) {
  for (size_t size = 1; size < kSign.size(); ++size) {
    HttpRequestReader reader;
    for (size_t at = 0; at < kSign.size(); at += size) {
      const auto whole = reader.Feed(kSign.substr(at, size));
      ASSERT_OK(whole);
      ASSERT_EQ(*whole, at + size >= kSign.size()) << size << " " << at;
    }
    EXPECT_EQ(reader.Take().body, "{\"b\":2}");
  }
}

TEST(HttpRequestTest, ReadsChunksAndNoBody) {
  HttpRequestReader chunks;
  ASSERT_THAT(chunks.Feed("POST /sign HTTP/1.1\r\nHost: unix\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              base::IsOkAndHolds(true));
  EXPECT_EQ(chunks.Take().body, "abcde");
  HttpRequestReader none;
  ASSERT_THAT(none.Feed("GET /healthz HTTP/1.1\r\nHost: unix\r\n\r\n"),
              base::IsOkAndHolds(true));
  EXPECT_EQ(none.Take().target, "/healthz");
}

struct Row {
  const char* name;
  std::string text;
  absl::StatusCode want;
};

class HostileTest : public testing::TestWithParam<Row> {};

TEST_P(HostileTest, IsRefused) {
  HttpRequestReader reader;
  EXPECT_THAT(reader.Feed(GetParam().text), HasCode(GetParam().want));
}

std::vector<Row> Rows() {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kTooLarge = absl::StatusCode::kOutOfRange;
  return {
      {"NotHttp", "\x16\x03\x01hello\r\n\r\n", kInvalid},
      {"Answer", "HTTP/1.1 200 OK\r\n\r\n", kInvalid},
      {"LengthIsText", "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
       kInvalid},
      {"TwoLengths",
       "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       kInvalid},
      {"LengthAndChunks",
       "POST / HTTP/1.1\r\nContent-Length: 1\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       kInvalid},
      {"BrokenChunk",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", kInvalid},
      {"Nul", std::string("GET /\0 HTTP/1.1\r\n\r\n", 19), kInvalid},
      {"LongBody", "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n",
       kTooLarge},
      {"LongChunk",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1000001\r\nx",
       kTooLarge},
      {"LongHeader",
       absl::StrCat("GET / HTTP/1.1\r\nA: ", std::string(300 << 10, 'a')),
       kTooLarge},
  };
}

INSTANTIATE_TEST_SUITE_P(Requests, HostileTest, testing::ValuesIn(Rows()),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(HttpRequestTest, WritesAnAnswer) {
  EXPECT_EQ(FormatHttpResponse({404, "text/plain", "no"}),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"
            "Content-Length: 2\r\nConnection: close\r\n\r\nno");
}

TEST(HttpRequestTest, KnowsACodeForEachError) {
  EXPECT_EQ(HttpCodeOf(absl::InvalidArgumentError("")), 400);
  EXPECT_EQ(HttpCodeOf(absl::UnauthenticatedError("")), 401);
  EXPECT_EQ(HttpCodeOf(absl::PermissionDeniedError("")), 403);
  EXPECT_EQ(HttpCodeOf(absl::NotFoundError("")), 404);
  EXPECT_EQ(HttpCodeOf(absl::FailedPreconditionError("")), 409);
  EXPECT_EQ(HttpCodeOf(absl::UnavailableError("")), 503);
  EXPECT_EQ(HttpCodeOf(absl::InternalError("")), 500);
}

}  // namespace
}  // namespace countersign::client
