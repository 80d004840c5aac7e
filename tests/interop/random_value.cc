#include "tests/interop/random_value.h"

#include <cstdio>

namespace countersign::interop {
namespace {

constexpr const char* kPieces[] = {
    "a",      "Z",          "0",         "7",      "b c",    "é",
    "€",      "😀",          "𝄞",         "\u2028", "\u2029", "<",
    ">",      "&",          "\"",        "\\",     "/",      "\t",
    "\n",     "\n\n",       "\r",        "\x01",   "\x1f",   "\x7f",
    "\u0080", "\u0085",     "\u00a0",    "\ufeff", "\ufffd", "\ud7ff",
    "\ue000", "\U0010ffff", " ",         "  ",     "'",      "''",
    ":",      ": ",         " #",        "#",      "-",      "- ",
    "? ",     "{",          "}",         "[",      "]",      ",",
    "%",      "@",          "`",         "!",      "|",      "*",
    "&x",     "=",          "<<",        "\b",     "\f",     "\x0b",
    "\\n",    "\\u0041",    "</script>", "ſ",      "İ",      "a\u0301",
    "ﬀ",      "中文",       "\u200b",    "\u202e",
};

constexpr const char* kWholeStrings[] = {
    "",     "yes",    "no",    "on",         "off",    "null",        "~",
    "true", "1",      "1.0",   "0x1F",       "010",    "1e3",         ".5",
    "-",    "--",     "---",   "...",        "? a",    ": a",         "- a",
    "<<",   "=",      "!!str", "2001-12-14", "y",      "N",           " ",
    " a",   "a ",     "\n",    "a\n",        "a\n\n",  "\na",         "\ta",
    "a\tb", "a\nb",   "a\n b", " a\nb",      "a\n\nb", "a b c d e f", "#x",
    "x #y", "key: v",
};

constexpr const char* kWords[] = {
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "Y",
    "N",
    "Yes",
    "NO",
    "On",
    "OFF",
    "true",
    "false",
    "True",
    "FALSE",
    "tRUE",
    "null",
    "Null",
    "NULL",
    "~",
    "nULL",
    "yEs",
    "oN",
    "=",
    "abc",
    "a b",
    "a:b",
    "a#b",
    "-a",
    "?a",
    ":a",
    "+",
    "-",
    "..",
    "+.",
    "-.",
    "0x",
    "0b",
    "0o",
    "1:30",
    "190:20:30.15",
    "12:30:45",
    "1.2.3",
    "v1",
    "1e",
    "e1",
    "0xg",
    "2001-12-14",
    "2001-12-14T21:59:43Z",
    "2001-12-14 21:59:43 +1",
    "a'b",
    "a\"b",
    "1_000",
    "_1",
    "1_",
    "1__0",
    "0x_1F",
    "0b1_0",
    "1_0.5",
    "0_7",
    "+1_0",
    "-0",
    "-0.0",
    "+0",
    "0.0",
    "00",
    "-010",
    "+010",
    "08",
    "09",
    "0777",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "-0x1F",
    "+0x1F",
    "0b101",
    "-0b101",
    "+0b11",
    "0B1",
    ".5",
    "5.",
    "+5",
    "+.5",
    "-.5",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "1.e3",
    ".5e3",
    "1e21",
    "1e-7",
    "1e20",
    "123456789012345678901",
    "1e300",
    "1e-320",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "0xffffffffffffffff",
    "0x10000000000000000",
    "1.7976931348623157e308",
    "5e-324",
    "2e-324",
    "0.1",
    "0.30000000000000004",
    "1.0",
    "100",
    "1e2",
    "4.35",
    "0.000001",
    "1e-6",
    "0.0000001",
    "123456789.125",
    "1p3",
    "0x1p3",
    "0x1.8p1",
    "infinity",
    "Inf",
    "inf",
    "nan",
    "NaN",
    "1e5_0",
    "1 2",
    "é",
    "😀",
    "中文",
};

constexpr const char* kJsonWords[] = {
    "true",
    "false",
    "null",
    "0",
    "-0",
    "1",
    "-1",
    "1.0",
    "1e3",
    "1E+3",
    "-0.0",
    "1e21",
    "1e-7",
    "9007199254740993",
    "12345678901234567890",
    "0.1",
    "5e-324",
    "1.7976931348623157e308",
    "100",
    "4.35",
    "0.000001",
    "1e-320",
};

std::string Digits(Dice& dice, int most) {
  std::string digits;
  for (int left = 1 + dice.Roll(most); left > 0; --left) {
    digits.push_back(static_cast<char>('0' + dice.Roll(10)));
  }
  return digits;
}

// A number of JSON's grammar.
std::string JsonNumber(Dice& dice) {
  std::string number = dice.Chance(30) ? "-" : "";
  const std::string whole = Digits(dice, dice.Chance(20) ? 25 : 8);
  const size_t first = whole.find_first_not_of('0');
  number += first == std::string::npos ? "0" : whole.substr(first);
  if (dice.Chance(50)) number += "." + Digits(dice, dice.Chance(20) ? 25 : 6);
  if (dice.Chance(40)) {
    constexpr const char* kExponents[] = {"e", "E", "e+", "e-", "E-"};
    number += dice.Pick(kExponents) + std::to_string(dice.Roll(280));
  }
  return number;
}

// Something that looks like a number and may be one.
std::string YamlNumber(Dice& dice) {
  if (dice.Chance(50)) return JsonNumber(dice);
  constexpr const char* kSigns[] = {"", "", "+", "-"};
  constexpr const char* kPrefixes[] = {"", "", "0", "0x", "0b", "0o", "."};
  constexpr char kAlphabet[] = "00112345678999abcdef_.eE+-:";
  std::string number = dice.Pick(kSigns);
  number += dice.Pick(kPrefixes);
  const int few = dice.Chance(50) ? 10 : sizeof(kAlphabet) - 1;
  for (int left = dice.Roll(8); left > 0; --left) {
    number.push_back(kAlphabet[dice.Roll(few)]);
  }
  // What would end a plain scalar, or begin something else.
  if (number.empty() || number == "-" || number.back() == ':') number += "1";
  return number;
}

YamlNode RandomKey(Dice& dice, Notation notation) {
  if (notation == Notation::kYaml && dice.Chance(25)) {
    return RandomToken(dice, notation);
  }
  return YamlNode::String(RandomString(dice));
}

}  // namespace

std::string RandomString(Dice& dice) {
  if (dice.Chance(20)) return dice.Pick(kWholeStrings);
  std::string text;
  for (int left = dice.Roll(dice.Chance(10) ? 30 : 6); left > 0; --left) {
    text += dice.Pick(kPieces);
  }
  return text;
}

YamlNode RandomToken(Dice& dice, Notation notation) {
  if (notation == Notation::kJson) {
    return YamlNode::Token(dice.Chance(50) ? std::string(dice.Pick(kJsonWords))
                                           : JsonNumber(dice));
  }
  if (dice.Chance(1)) {
    constexpr const char* kTagged[] = {
        "!!str 1",  "!!int '3'", "!!float 1",     "!!bool yes",
        "!!null x", "! 1",       "!!binary aGk=", "!local x"};
    return YamlNode::Token(dice.Pick(kTagged));
  }
  return YamlNode::Token(dice.Chance(50) ? std::string(dice.Pick(kWords))
                                         : YamlNumber(dice));
}

YamlNode RandomValue(Dice& dice, Notation notation, int depth) {
  const int kind = dice.Roll(depth > 0 ? 10 : 6);
  if (kind < 3) return RandomToken(dice, notation);
  if (kind < 6) return YamlNode::String(RandomString(dice));
  if (kind < 8) {
    YamlNode list = YamlNode::List();
    for (int left = dice.Roll(4); left > 0; --left) {
      list.items.push_back(RandomValue(dice, notation, depth - 1));
    }
    return list;
  }
  YamlNode map = YamlNode::Map();
  for (int left = dice.Roll(5); left > 0; --left) {
    map.members.emplace_back(RandomKey(dice, notation),
                             RandomValue(dice, notation, depth - 1));
  }
  return map;
}

}  // namespace countersign::interop
