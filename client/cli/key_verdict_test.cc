#include "client/cli/key_verdict.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::client {
namespace {

struct VerdictCase {
  const char* attribute;
  const char* value;
  const char* want;
};

TEST(JudgeAttribute, KnowsWhatIsGood) {
  for (const VerdictCase& c :
       {VerdictCase{"CKA_SENSITIVE", "true", "good"},
        VerdictCase{"CKA_SENSITIVE", "false", "bad"},
        VerdictCase{"CKA_SENSITIVE", "unknown", "unknown"},
        VerdictCase{"CKA_EXTRACTABLE", "false", "good"},
        VerdictCase{"CKA_EXTRACTABLE", "true", "bad"},
        VerdictCase{"CKA_ALWAYS_SENSITIVE", "true", "good"},
        VerdictCase{"CKA_NEVER_EXTRACTABLE", "false", "bad"},
        VerdictCase{"CKA_LOCAL", "false", "bad"},
        VerdictCase{"CKA_SIGN", "true", "good"},
        VerdictCase{"CKA_DECRYPT", "true", "bad"},
        VerdictCase{"CKA_UNWRAP", "false", "good"},
        VerdictCase{"CKA_ALWAYS_AUTHENTICATE", "true", "bad"},
        // A value that this client does not know is no good one.
        VerdictCase{"CKA_LOCAL", "maybe", "unknown"},
        VerdictCase{"CKA_LOCAL", "", "unknown"},
        VerdictCase{"CKA_NEW", "true", "-"}}) {
    EXPECT_STREQ(JudgeAttribute(c.attribute, c.value).verdict, c.want)
        << c.attribute << " " << c.value;
  }
}

TEST(JudgeKey, IsAsGoodAsItsWorstAttribute) {
  EXPECT_EQ(JudgeKey({{"CKA_SIGN", "true"}, {"CKA_LOCAL", "true"}}), "good");
  EXPECT_EQ(JudgeKey({{"CKA_SIGN", "true"}, {"CKA_LOCAL", "unknown"}}),
            "good as far as known (1 of 2 unknown)");
  EXPECT_EQ(JudgeKey({{"CKA_SIGN", "false"},
                      {"CKA_LOCAL", "unknown"},
                      {"CKA_UNWRAP", "false"}}),
            "bad (1 of 3)");
  EXPECT_EQ(JudgeKey({}), "unknown: nothing was recorded");
}

}  // namespace
}  // namespace countersign::client
