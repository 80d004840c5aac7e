#include "server/config/site_name.h"

#include <string>

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using testing::HasSubstr;

TEST(CheckSiteName, KnowsItsAlphabet) {
  for (const std::string& name : {std::string("main"), std::string("a-1"),
                                  std::string(63, 'x'), std::string()}) {
    Mistakes mistakes;
    CheckSiteName("hsm.tokens[0].name", name, mistakes);
    EXPECT_TRUE(mistakes.empty()) << name;
  }
  for (const std::string& name :
       {std::string("Main"), std::string("a_b"), std::string("a b"),
        std::string("\u00e4"), std::string(64, 'x'), std::string("a\0", 2)}) {
    Mistakes mistakes;
    CheckSiteName("hsm.tokens[0].name", name, mistakes);
    EXPECT_THAT(std::string(mistakes.ToStatus("f").message()),
                HasSubstr("hsm.tokens[0].name: must be 1 to 63"))
        << name;
  }
}

TEST(Distinct, NamesTheEarlierEntry) {
  Mistakes mistakes;
  Distinct names("list", "name", "give each its own");
  names.See("a", 0, mistakes);
  names.See("", 1, mistakes);
  names.See("", 2, mistakes);
  EXPECT_TRUE(mistakes.empty());
  names.See("a", 3, mistakes);
  EXPECT_THAT(
      std::string(mistakes.ToStatus("f").message()),
      HasSubstr("list[3].name: is also that of list[0]; give each its own"));
}

}  // namespace
}  // namespace countersign::server
