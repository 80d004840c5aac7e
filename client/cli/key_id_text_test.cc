#include "client/cli/key_id_text.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using testing::Eq;

TEST(ReadKeyId, TakesWhatToolsPrint) {
  for (const char* text : {"0a1b2c", "0A1B2C", "0a:1b:2c", "0x0A1B2C"}) {
    EXPECT_THAT(ReadKeyId("--id", text), base::IsOkAndHolds(Eq("0a1b2c")))
        << text;
  }
  EXPECT_OK(ReadKeyId("--id", std::string(128, 'a')));
}

TEST(ReadKeyId, RefusesTheRest) {
  for (const std::string& text :
       {std::string(), std::string("0x"), std::string(":"), std::string("abc"),
        std::string("xy"), std::string("0a 1b"), std::string(130, 'a')}) {
    EXPECT_THAT(ReadKeyId("--id", text), base::HasReason("KEY_ID_MALFORMED"))
        << text;
  }
}

}  // namespace
}  // namespace countersign::client
