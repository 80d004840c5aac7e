#include "hsm/ceremony/token_choice.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::hsm {
namespace {

SlotInfo Token(unsigned long id, const std::string& label,
               const std::string& serial) {
  SlotInfo slot;
  slot.id = id;
  slot.has_token = true;
  slot.initialised = !label.empty();
  slot.label = label;
  slot.serial = serial;
  return slot;
}

std::vector<SlotInfo> Slots() {
  return {Token(0, "a", "1"), Token(7, "b", "2"), Token(8, "b", "3"),
          SlotInfo{}, Token(9, "", "")};
}

struct Case {
  const char* name;
  TokenChoice choice;
  int slot;            // -1: an error
  const char* reason;  // of it
};

class ChooseTokenTest : public testing::TestWithParam<Case> {};

TEST_P(ChooseTokenTest, FindsExactlyOneOrSaysWhy) {
  const auto found = ChooseToken(Slots(), GetParam().choice);
  if (GetParam().slot < 0) {
    EXPECT_THAT(found, base::HasReason(GetParam().reason));
  } else {
    ASSERT_OK(found);
    EXPECT_EQ(found->id, static_cast<unsigned long>(GetParam().slot));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ChooseTokenTest,
    testing::Values(
        Case{"ByLabel", {"a", "", {}}, 0, ""},
        Case{"BySerial", {"", "3", {}}, 8, ""},
        Case{"BySlotNought", {"", "", 0}, 0, ""},
        Case{"ByLabelAndSlot", {"b", "", 7}, 7, ""},
        Case{"TwoOfOneLabel", {"b", "", {}}, -1, "TOKEN_NOT_CHOSEN"},
        Case{"NoneSaid", {"", "", {}}, -1, "TOKEN_NOT_CHOSEN"},
        Case{"LabelAndSlotOfOthers", {"a", "", 7}, -1, "TOKEN_NOT_FOUND"},
        Case{"NoSuchLabel", {"c", "", {}}, -1, "TOKEN_NOT_FOUND"},
        Case{"NotInitialised", {"", "", 9}, -1, "TOKEN_NOT_FOUND"}),
    [](const auto& info) { return info.param.name; });

TEST(ChooseTokenOnlyTest, TakesTheOnlyOneWhereNoneIsSaid) {
  ASSERT_OK_AND_ASSIGN(const SlotInfo found,
                       ChooseToken({Token(9, "", ""), Token(4, "a", "1")}, {}));
  EXPECT_EQ(found.id, 4u);
}

TEST(ChooseTokenOnlyTest, NamesThoseThatAreThere) {
  EXPECT_THAT(ChooseToken(Slots(), {"c", "", {}}).status().message(),
              testing::HasSubstr("\"a (serial 1, slot 0)\""));
}

TEST(ChooseFreeSlotTest, TakesTheFirstThatIsNotInitialised) {
  ASSERT_OK_AND_ASSIGN(const SlotInfo free, ChooseFreeSlot(Slots(), {}));
  EXPECT_EQ(free.id, 9u);
  ASSERT_OK_AND_ASSIGN(const SlotInfo chosen,
                       ChooseFreeSlot(Slots(), {"", "", 7}));
  EXPECT_EQ(chosen.label, "b");
  EXPECT_THAT(ChooseFreeSlot({Token(1, "a", "1")}, {}),
              base::HasReason("NO_FREE_SLOT"));
  EXPECT_THAT(ChooseFreeSlot(Slots(), {"", "", 77}),
              base::HasReason("NO_FREE_SLOT"));
}

}  // namespace
}  // namespace countersign::hsm
