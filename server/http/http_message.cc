#include "server/http/http_message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace countersign::server {
namespace {

absl::string_view Reason(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

HttpAnswer ErrorAnswer(int code, std::string line) {
  // One line, whatever a cause brought along.
  std::replace_if(
      line.begin(), line.end(),
      [](unsigned char c) { return absl::ascii_iscntrl(c); }, ' ');
  HttpAnswer answer;
  answer.code = code;
  answer.body = std::move(line) + "\n";
  return answer;
}

std::string FormatAnswer(const HttpAnswer& answer,
                         const AnswerFraming& framing) {
  std::string out = absl::StrCat("HTTP/1.1 ", answer.code, " ",
                                 Reason(answer.code), "\r\nDate: ");
  // RFC 9110 5.6.7, IMF-fixdate.
  absl::StrAppend(&out,
                  absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", framing.now,
                                   absl::UTCTimeZone()),
                  "\r\nContent-Type: ", answer.content_type,
                  "\r\nContent-Length: ", answer.body.size(),
                  "\r\nCache-Control: ", answer.cache_control,
                  "\r\nX-Content-Type-Options: nosniff\r\n");
  if (!answer.allow.empty()) {
    absl::StrAppend(&out, "Allow: ", answer.allow, "\r\n");
  }
  if (!answer.authenticate.empty()) {
    absl::StrAppend(&out, "WWW-Authenticate: ", answer.authenticate, "\r\n");
  }
  if (answer.retry_after.has_value()) {
    const int64_t seconds =
        absl::Ceil(*answer.retry_after, absl::Seconds(1)) / absl::Seconds(1);
    absl::StrAppend(&out, "Retry-After: ", std::max<int64_t>(1, seconds),
                    "\r\n");
  }
  if (!framing.keep_alive) absl::StrAppend(&out, "Connection: close\r\n");
  absl::StrAppend(&out, "\r\n");
  if (!framing.head_only) absl::StrAppend(&out, answer.body);
  return out;
}

}  // namespace countersign::server
