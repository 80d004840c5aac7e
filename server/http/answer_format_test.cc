#include "server/http/answer_format.h"

#include <vector>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

constexpr auto kPem = AnswerFormat::kPem;
constexpr auto kHex = AnswerFormat::kHex;
constexpr auto kBase64 = AnswerFormat::kBase64;
constexpr auto kRaw = AnswerFormat::kRaw;

TEST(ParseAccept, OrdersWhatTheCallerTakes) {
  const struct {
    const char* accept;
    std::vector<AnswerFormat> want;
  } kRows[] = {
      {"application/x-pem-file", {kPem}},
      {"application/octet-stream", {kRaw}},
      {"application/octet-stream+hex", {kHex}},
      {"application/octet-stream+base64", {kBase64}},
      {"APPLICATION/X-PEM-FILE", {kPem}},
      {"", {kPem, kHex, kBase64, kRaw}},
      {"*/*", {kPem, kHex, kBase64, kRaw}},
      {"*", {kPem, kHex, kBase64, kRaw}},
      {"application/*", {kPem, kHex, kBase64, kRaw}},
      {"application/x-pem-file; charset=utf-8", {kPem}},
      {"text/html, application/octet-stream+hex", {kHex}},
      {"application/octet-stream, application/x-pem-file", {kRaw, kPem}},
      {"application/octet-stream;q=0.5, application/x-pem-file", {kPem, kRaw}},
      {"*/*;q=0.1, application/octet-stream+base64",
       {kBase64, kPem, kHex, kRaw}},
      {"*/*, application/x-pem-file;q=0", {kHex, kBase64, kRaw}},
      {"text/html, image/gif, *; q=.2", {kPem, kHex, kBase64, kRaw}},
      {"application/octet-stream;q=nonsense", {kRaw}},
      {" , ,application/octet-stream+hex,", {kHex}},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(ParseAccept(row.accept), base::IsOkAndHolds(row.want))
        << row.accept;
  }
}

TEST(ParseAccept, ListsWhatIsThereWhereNothingFits) {
  for (const char* accept :
       {"application/json", "text/*", "application/x-pem-file;q=0",
        "application/octet-stream+gzip", "application"}) {
    const auto formats = ParseAccept(accept);
    ASSERT_FALSE(formats.ok()) << accept;
    EXPECT_EQ(formats.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(
        std::string(formats.status().message()),
        testing::AllOf(testing::HasSubstr("application/x-pem-file, "
                                          "application/octet-stream+hex, "
                                          "application/octet-stream+base64, "
                                          "application/octet-stream"),
                       testing::HasSubstr("Accept")));
  }
}

}  // namespace
}  // namespace countersign::server
