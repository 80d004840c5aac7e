#include "server/http/request_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using State = RequestReader::State;

// Octet for octet what the ocm command line (v1) sends.
std::string OcmRequest(const std::string& body) {
  return absl::StrCat(
      "POST /sign/rsassa-pss?hashAlgorithm=SHA-256 HTTP/1.1\r\n"
      "Host: localhost:8443\r\n"
      "User-Agent: Go-http-client/1.1\r\n"
      "Content-Length: ",
      body.size(),
      "\r\n"
      "Accept: application/x-pem-file\r\n"
      "Accept-Encoding: gzip\r\n"
      "\r\n",
      body);
}

TEST(RequestReader, KeepsEachAuthorizationFieldApart) {
  RequestReader reader;
  reader.Feed(
      "GET /readyz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer one\r\n"
      "authorization:  Basic two \r\n\r\n");
  ASSERT_EQ(reader.state(), State::kDone);
  const HttpRequest request = reader.TakeRequest();
  ASSERT_EQ(request.authorization.size(), 2u);
  EXPECT_EQ(request.authorization[0].DangerouslyExpose(), "Bearer one");
  EXPECT_EQ(request.authorization[1].DangerouslyExpose(), "Basic two");
}

TEST(RequestReader, TakesTheLargestToken) {
  RequestReader reader;
  reader.Feed(absl::StrCat("GET /readyz HTTP/1.1\r\nHost: a\r\n",
                           "Authorization: Bearer ", std::string(16 << 10, 'x'),
                           "\r\n\r\n"));
  ASSERT_EQ(reader.state(), State::kDone);
  EXPECT_EQ(reader.TakeRequest().authorization[0].size(), (16 << 10) + 7);
}

TEST(RequestReader, ReadsWhatTheOcmCommandLineSends) {
  RequestReader reader;
  const std::string octets = OcmRequest(std::string(32, '\x80'));
  EXPECT_EQ(reader.Feed(octets), octets.size());
  ASSERT_EQ(reader.state(), State::kDone);
  EXPECT_TRUE(reader.keep_alive());
  const HttpRequest request = reader.TakeRequest();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/sign/rsassa-pss?hashAlgorithm=SHA-256");
  EXPECT_EQ(request.accept, "application/x-pem-file");
  EXPECT_EQ(request.content_type, "");
  EXPECT_EQ(request.content_encoding, "");
  EXPECT_EQ(request.body, std::string(32, '\x80'));
}

TEST(RequestReader, TakesAnyCutOfTheOctets) {
  const std::string octets = OcmRequest(std::string(32, 'd'));
  for (size_t cut = 1; cut < octets.size(); ++cut) {
    RequestReader reader;
    std::string unread = octets.substr(0, cut);
    unread.erase(0, reader.Feed(unread));
    ASSERT_EQ(reader.state(), State::kReading) << cut;
    unread += octets.substr(cut);
    unread.erase(0, reader.Feed(unread));
    ASSERT_EQ(reader.state(), State::kDone) << cut;
    EXPECT_TRUE(unread.empty()) << cut;
    EXPECT_EQ(reader.TakeRequest().body, std::string(32, 'd')) << cut;
  }
}

TEST(RequestReader, LeavesTheNextRequestAlone) {
  const std::string one = OcmRequest(std::string(32, '1'));
  RequestReader reader;
  EXPECT_EQ(reader.Feed(one + OcmRequest(std::string(32, '2'))), one.size());
  EXPECT_EQ(reader.state(), State::kDone);
}

TEST(RequestReader, JoinsFieldsOfOneName) {
  RequestReader reader;
  reader.Feed(
      "GET /healthz HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n"
      "accept: */*\r\nContent-Type: a/b+hex\r\nContent-Encoding: hex\r\n\r\n");
  ASSERT_EQ(reader.state(), State::kDone);
  const HttpRequest request = reader.TakeRequest();
  EXPECT_EQ(request.accept, "text/html,*/*");
  EXPECT_EQ(request.content_type, "a/b+hex");
  EXPECT_EQ(request.content_encoding, "hex");
}

TEST(RequestReader, KnowsWhenTheConnectionEnds) {
  const struct {
    const char* text;
    bool keep_alive;
  } kRows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& row : kRows) {
    RequestReader reader;
    reader.Feed(row.text);
    ASSERT_EQ(reader.state(), State::kDone) << row.text;
    EXPECT_EQ(reader.keep_alive(), row.keep_alive) << row.text;
  }
}

TEST(RequestReader, RefusesWhatItCannotTakeWithAReason) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const struct {
    std::string octets;
    int code;
    const char* says;
  } kRows[] = {
      {post + "\r\n", 411, "Content-Length"},
      {post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "chunked"},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400,
       ""},
      {post + "Content-Length: 2049\r\n\r\n", 413, "2048"},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400, ""},
      {post + "Content-Length: -1\r\n\r\n", 400, ""},
      {post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, ""},
      {"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400, "Host"},
      {post + "Host: b\r\nContent-Length: 0\r\n\r\n", 400, "Host"},
      {"POST / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP/1.1"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/1.1"},
      {"\x16\x03\x01 nonsense\r\n\r\n", 400, ""},
      {"GET  / HTTP/1.1\r\n\r\n", 400, ""},
      {post + "X: " + std::string(kMaxHeaderOctets, 'x'), 431, "24 KiB"},
      {std::string(kMaxHeaderOctets + 1, 'x'), 431, "24 KiB"},
  };
  for (const auto& row : kRows) {
    RequestReader reader;
    reader.Feed(row.octets);
    ASSERT_EQ(reader.state(), State::kRefused) << row.octets.substr(0, 120);
    EXPECT_EQ(reader.refusal().code, row.code) << row.octets.substr(0, 120);
    EXPECT_THAT(reader.refusal().body, HasSubstr(row.says));
    EXPECT_TRUE(reader.refusal().close);
    EXPECT_EQ(reader.Feed("more"), 0u);
  }
}

TEST(RequestReader, TakesTheLargestBodyThatMayBe) {
  RequestReader reader;
  reader.Feed(OcmRequest(std::string(kMaxBodyOctets, 'd')));
  ASSERT_EQ(reader.state(), State::kDone);
  EXPECT_EQ(reader.TakeRequest().body.size(), kMaxBodyOctets);
}

TEST(RequestReader, TellsOnceWhoWaitsForContinue) {
  RequestReader reader;
  reader.Feed(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(reader.state(), State::kReading);
  EXPECT_TRUE(reader.TakeContinue());
  EXPECT_FALSE(reader.TakeContinue());
  reader.Feed("ab");
  EXPECT_EQ(reader.state(), State::kDone);
}

}  // namespace
}  // namespace countersign::server
