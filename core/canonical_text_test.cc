#include "core/canonical_text.h"

#include <map>
#include <set>
#include <string>

#include "base/json.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

std::string Text(absl::string_view text) {
  std::string out;
  AppendString(text, out);
  return out;
}

TEST(CanonicalTextTest, WritesStringsAsCanonicalJsonDoes) {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("\"\\/\b\f\n\r\t"),
        std::string("\xc3\xa9 \xe2\x80\xa8 \xf0\x9f\x94\x91 \x7f"), all,
        std::string(1000, '"')}) {
    EXPECT_THAT(base::CanonicalJson(base::Json(text)),
                base::IsOkAndHolds(Text(text)));
  }
}

TEST(CanonicalTextTest, KeepsDifferentTextsDifferentEvenWhereNotUtf8) {
  const std::set<std::string> written = {Text("\xff"), Text("\xfe"),
                                         Text("\xef\xbf\xbd"), Text("")};
  EXPECT_EQ(written.size(), 4u);
}

TEST(CanonicalTextTest, WritesSetsAsArrays) {
  for (const std::set<std::string>& texts :
       {std::set<std::string>{}, {"a"}, {"[", "]", ","}, {"b", "a\"", ""}}) {
    std::string out = "[";  // what stands before does not matter
    AppendStrings(texts, out);
    base::Json::Array array;
    for (const std::string& text : texts) array.emplace_back(text);
    EXPECT_THAT(base::CanonicalJson(base::Json(array)),
                base::IsOkAndHolds(out.substr(1)));
  }
}

TEST(CanonicalTextTest, SortsKeysByUtf16AsCanonicalJsonDoes) {
  const std::map<std::string, std::string> map = {
      {"", "empty"},
      {"a", "1"},
      {"aa", "2"},
      {"B", "3"},
      {"\xc3\xa9", "4"},
      {"\xee\x80\x80", "U+E000"},
      {"\xef\xbf\xbd", "6"},
      {"\xf0\x9f\x94\x91", "U+1F511"},
      {"\xed\x9f\xbf", "8"},
      {"a\xf0\x9f\x94\x91", "9"},
      {"a\xef\xbf\xbd", "0"},
  };
  base::Json json = base::Json::Object();
  for (const auto& [key, value] : map) json.Set(key, value);
  std::string out;
  AppendMap(map, out);
  EXPECT_THAT(base::CanonicalJson(json), base::IsOkAndHolds(out));
  out.clear();
  AppendMap({}, out);
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace countersign::core
