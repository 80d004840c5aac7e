#include "auth/claim_text.h"

#include <optional>
#include <string>

#include "base/json.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

base::Json Claims() {
  return base::ParseJson(R"({
    "sub": "ann", "runner_id": 36, "half": 0.5, "admin": true, "none": null,
    "big": 9007199254740993, "exact": 9007199254740991,
    "empty": "", "groups": ["a", 1, null, "b", 9007199254740993],
    "nested": ["a", [1, 9007199254740993]],
    "kubernetes.io": {"pod": {"name": "p"}, "a/b": "slash", "m~n": "tilde",
                      "~1": "both"},
    "": "nameless", "list": [{"x": "y"}]})")
      .value();
}

struct ClaimCase {
  const char* claim;
  std::optional<std::string> text;
};

class ClaimTextTest : public testing::TestWithParam<ClaimCase> {};

TEST_P(ClaimTextTest, IsTheText) {
  EXPECT_EQ(ClaimText(Claims(), GetParam().claim), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Claims, ClaimTextTest,
    testing::Values(
        ClaimCase{"sub", "ann"}, ClaimCase{"runner_id", "36"},
        ClaimCase{"half", "0.5"}, ClaimCase{"admin", "true"},
        ClaimCase{"empty", ""}, ClaimCase{"none", std::nullopt},
        ClaimCase{"exact", "9007199254740991"}, ClaimCase{"big", std::nullopt},
        ClaimCase{"nested", std::nullopt}, ClaimCase{"Sub", std::nullopt},
        ClaimCase{"list", R"([{"x":"y"}])"},
        ClaimCase{"kubernetes.io/pod/name", std::nullopt},
        ClaimCase{"/sub", "ann"}, ClaimCase{"/kubernetes.io/pod/name", "p"},
        ClaimCase{"/kubernetes.io/pod", R"({"name":"p"})"},
        ClaimCase{"/kubernetes.io/a~1b", "slash"},
        ClaimCase{"/kubernetes.io/m~0n", "tilde"},
        ClaimCase{"/kubernetes.io/~01", "both"},
        ClaimCase{"/kubernetes.io/pod/name/x", std::nullopt},
        ClaimCase{"/kubernetes.io/none/x", std::nullopt},
        ClaimCase{"/groups/0", "a"}, ClaimCase{"/groups/1", "1"},
        ClaimCase{"/groups/00", std::nullopt},
        ClaimCase{"/groups/9", std::nullopt},
        ClaimCase{"/groups/-1", std::nullopt},
        ClaimCase{"/groups/-", std::nullopt},
        ClaimCase{"/groups/99999999999", std::nullopt},
        ClaimCase{"/list/0/x", "y"}, ClaimCase{"/", "nameless"},
        ClaimCase{"", "nameless"}));

TEST(ClaimTextsTest, AreElementsOrTheClaimItself) {
  EXPECT_THAT(ClaimTexts(Claims(), "groups"), ElementsAre("a", "1", "b"));
  EXPECT_THAT(ClaimTexts(Claims(), "sub"), ElementsAre("ann"));
  EXPECT_THAT(ClaimTexts(Claims(), "big"), IsEmpty());
  EXPECT_THAT(ClaimTexts(Claims(), "none"), IsEmpty());
  EXPECT_THAT(ClaimTexts(Claims(), "absent"), IsEmpty());
  EXPECT_THAT(ClaimTexts(Claims(), "/kubernetes.io/pod"),
              ElementsAre(R"({"name":"p"})"));
}

}  // namespace
}  // namespace countersign::auth
