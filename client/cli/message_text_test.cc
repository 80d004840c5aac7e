#include "client/cli/message_text.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

struct PlainCase {
  const char* name;
  std::string message;
  bool want;
};

class PlainTest : public testing::TestWithParam<PlainCase> {};

TEST_P(PlainTest, IsTold) {
  EXPECT_EQ(IsPlainText(GetParam().message), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Messages, PlainTest,
    testing::Values(PlainCase{"Ascii", "hello\n", true},
                    PlainCase{"Utf8",
                              "gr\xc3\xbc\xc3\x9f"
                              "e",
                              true},
                    PlainCase{"Tab", "a\tb\n", true},
                    PlainCase{"Backslash", "a\\b\n", true},
                    PlainCase{"TabAndItsEscape", "a\tb\\t", false},
                    PlainCase{"CarriageReturn", "a\rb", false},
                    PlainCase{"Escape", "a\x1b[2Jb", false},
                    PlainCase{"Zero", std::string("a\0b", 3), false},
                    PlainCase{"RightToLeft",
                              "a\xe2\x80\xae"
                              "b",
                              false},
                    PlainCase{"NotUtf8", "a\xff", false},
                    PlainCase{"HalfACharacterAcrossLines", "\xc3\n\xbc", false},
                    PlainCase{"Digest", std::string(32, '\x01'), false}),
    [](const auto& info) { return info.param.name; });

constexpr char kHelloHash[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

TEST(MessageText, ShowsText) {
  EXPECT_EQ(MessageText("hello"),
            std::string("5 octets, text without a last line break; SHA-256 ") +
                kHelloHash + "\n| hello");
  const std::string two = MessageText("a\tb\nEtag  forged\n");
  EXPECT_TRUE(absl::StartsWith(two, "17 octets, text; SHA-256 "));
  EXPECT_TRUE(absl::EndsWith(two, "\n| a\\tb\n| Etag  forged"));
}

TEST(MessageText, ShowsOctets) {
  const std::string text =
      MessageText(std::string("\x00\x1b[2Jabcdefghijkl\xff", 18));
  EXPECT_TRUE(absl::StartsWith(text, "18 octets; SHA-256 "));
  EXPECT_TRUE(absl::EndsWith(
      text,
      "\n0000  00 1b 5b 32 4a 61 62 63  64 65 66 67 68 69 6a 6b  "
      "|..[2Jabcdefghijk|"
      "\n0010  6c ff                                             |l.|"))
      << text;
}

TEST(MessageText, ShowsEveryOctetOfTheLongest) {
  const std::string text = MessageText(std::string(4096, '\x01'));
  EXPECT_TRUE(absl::StrContains(text, "\n0ff0  01 01"));
}

TEST(MessageText, SaysThatNothingIsSigned) {
  EXPECT_EQ(MessageText(""), "0 octets");
}

}  // namespace
}  // namespace countersign::client
