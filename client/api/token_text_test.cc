#include "client/api/token_text.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using testing::HasSubstr;
using testing::Not;

TEST(CheckTokenText, TakesWhatRfc6750Takes) {
  EXPECT_OK(CheckTokenText("eyJhbGciOi.eyJz-dWIi_.c2ln", "it"));
  EXPECT_OK(CheckTokenText("a~b+c/d==", "it"));
  EXPECT_OK(CheckTokenText(std::string(16 << 10, 'a'), "it"));
}

TEST(CheckTokenText, RefusesWhatNoHeaderCarries) {
  for (const std::string& text :
       {std::string(), std::string("a b"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("t\xc3\xb6ken"),
        std::string((16 << 10) + 1, 'a')}) {
    EXPECT_THAT(CheckTokenText(text, "it"), HasReason("TOKEN_MALFORMED"));
  }
}

TEST(CheckTokenText, NamesTheSourceAndNothingOfTheToken) {
  const absl::Status got =
      CheckTokenText("s3cret with blanks", "token of the file /run/token");
  EXPECT_THAT(std::string(got.message()), HasSubstr("/run/token"));
  EXPECT_THAT(std::string(got.message()), Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace countersign::client
