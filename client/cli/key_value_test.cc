#include "client/cli/key_value.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using Pairs = std::map<std::string, std::string>;

TEST(ReadKeyValues, SplitsAtTheFirstEqualsSign) {
  EXPECT_THAT(ReadKeyValues("-a", {"a=b", "c=d=e", "f="}),
              IsOkAndHolds(Pairs{{"a", "b"}, {"c", "d=e"}, {"f", ""}}));
  EXPECT_THAT(ReadKeyValues("-a", {}), IsOkAndHolds(Pairs{}));
}

TEST(ReadKeyValues, RefusesWhatIsNoPair) {
  EXPECT_THAT(ReadKeyValues("-a", {"a"}), HasReason("KEY_VALUE_MALFORMED"));
  EXPECT_THAT(ReadKeyValues("-a", {"=b"}), HasReason("KEY_VALUE_MALFORMED"));
  EXPECT_THAT(ReadKeyValues("-a", {"a=1", "a=2"}),
              HasReason("KEY_VALUE_MALFORMED"));
}

}  // namespace
}  // namespace countersign::client
