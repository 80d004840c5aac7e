#include "server/http/http_message.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::Time kNow = absl::FromUnixSeconds(784111777);

TEST(FormatAnswer, WritesStatusFieldsAndBody) {
  HttpAnswer answer;
  answer.body = "sig";
  answer.content_type = "application/octet-stream";
  EXPECT_EQ(FormatAnswer(answer, {true, false, kNow}),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: application/octet-stream\r\n"
            "Content-Length: 3\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n\r\nsig");
}

TEST(FormatAnswer, WritesWhatARefusalNeeds) {
  HttpAnswer answer = ErrorAnswer(405, "no");
  answer.allow = "POST";
  answer.retry_after = absl::Milliseconds(1200);
  const std::string text = FormatAnswer(answer, {false, false, kNow});
  EXPECT_THAT(text, HasSubstr("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nAllow: POST\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nRetry-After: 2\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nConnection: close\r\n"));
  answer.retry_after = absl::Milliseconds(1);
  EXPECT_THAT(FormatAnswer(answer, {false, false, kNow}),
              HasSubstr("Retry-After: 1\r\n"));
}

TEST(FormatAnswer, WritesWhatWouldBeACredentialAndWhatMayBeKept) {
  HttpAnswer answer = ErrorAnswer(401, "no");
  answer.authenticate = "Bearer";
  answer.cache_control = "public, max-age=300";
  const std::string text = FormatAnswer(answer, {true, false, kNow});
  EXPECT_THAT(text, HasSubstr("\r\nWWW-Authenticate: Bearer\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nCache-Control: public, max-age=300\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("no-store")));
}

TEST(FormatAnswer, GivesHeadTheLengthWithoutTheBody) {
  HttpAnswer answer;
  answer.body = "ok\n";
  const std::string text = FormatAnswer(answer, {true, true, kNow});
  EXPECT_THAT(text, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(text, testing::EndsWith("\r\n\r\n"));
}

TEST(ErrorAnswer, IsOneLine) {
  EXPECT_EQ(ErrorAnswer(400, "a\r\nb\tc").body, "a  b c\n");
}

TEST(ErrorAnswer, HasAReasonForEachCodeThatIsUsed) {
  for (const int code :
       {400, 401, 403, 404, 405, 408, 409, 411, 413, 429, 431, 503, 505}) {
    EXPECT_THAT(FormatAnswer(ErrorAnswer(code, ""), {true, false, kNow}),
                Not(HasSubstr("Internal Server Error")))
        << code;
  }
}

}  // namespace
}  // namespace countersign::server
