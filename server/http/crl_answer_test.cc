#include "server/http/crl_answer.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(CrlAnswer, IsTheListAsItsReadersKnowIt) {
  const std::string der("\x30\x00\x01", 3);
  const HttpAnswer answer = CrlAnswer("site", der);
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, der);
  EXPECT_EQ(answer.content_type, "application/pkix-crl");
  EXPECT_EQ(answer.cache_control, "public, max-age=300");
}

TEST(CrlAnswer, SaysThatThereIsNone) {
  const HttpAnswer answer = CrlAnswer("site", std::nullopt);
  EXPECT_EQ(answer.code, 404);
  EXPECT_THAT(answer.body, HasSubstr("\"site\""));
  EXPECT_EQ(answer.cache_control, "no-store");
}

}  // namespace
}  // namespace countersign::server
