#include "client/oci/url.h"

#include <string>

#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

TEST(UrlTest, TakesApartAndPutsTogether) {
  const struct {
    const char *text, *origin, *format;
  } rows[] = {
      {"https://R.example/a?b=c#d", "https://r.example",
       "https://r.example/a?b=c"},
      {"https://r.example:443/", "https://r.example", "https://r.example/"},
      {"http://r.example:80", "http://r.example", "http://r.example/"},
      {"https://r.example:80/", "https://r.example:80",
       "https://r.example:80/"},
      {"HTTP://127.0.0.1:5000/x%2Fy", "http://127.0.0.1:5000",
       "http://127.0.0.1:5000/x%2Fy"},
      {"http://[::1]:5000/", "http://[::1]:5000", "http://[::1]:5000/"},
  };
  for (const auto& row : rows) {
    ASSERT_OK_AND_ASSIGN(const Url url, ParseUrl(row.text));
    EXPECT_EQ(url.Origin(), row.origin);
    EXPECT_EQ(url.Format(), row.format);
  }
}

TEST(UrlTest, RefusesWhatNobodyShouldGoTo) {
  for (const std::string& text :
       {std::string(), std::string("r.example/x"), std::string("/x"),
        std::string("ftp://r.example/"), std::string("file:///etc/passwd"),
        std::string("http://"), std::string("http://u:p@r.example/"),
        std::string("http://u@r.example/"), std::string("http://r.example/a b"),
        std::string("http://r.example/\n"),
        std::string("http://r.example:99999/"),
        "http://r.example/" + std::string(20000, 'x')}) {
    EXPECT_FALSE(ParseUrl(text).ok()) << text;
  }
}

TEST(UrlTest, ResolvesLocations) {
  ASSERT_OK_AND_ASSIGN(const Url base,
                       ParseUrl("https://r.example:5000/v2/a/b?c=d"));
  const struct {
    const char *location, *want;
  } rows[] = {
      {"/x?y", "https://r.example:5000/x?y"},
      {"z", "https://r.example:5000/v2/a/z"},
      {"http://other.example/", "http://other.example/"},
      {"//other.example/x", "https://other.example/x"},
      {"https://r.example:5000/../../x", "https://r.example:5000/x"},
  };
  for (const auto& row : rows) {
    ASSERT_OK_AND_ASSIGN(const Url url, ResolveUrl(base, row.location));
    EXPECT_EQ(url.Format(), row.want) << row.location;
  }
  EXPECT_FALSE(ResolveUrl(base, "javascript:alert(1)").ok());
  EXPECT_FALSE(ResolveUrl(base, "").ok());
}

TEST(UrlTest, EncodesValuesOfAQuery) {
  ASSERT_OK_AND_ASSIGN(Url url, ParseUrl("https://r.example/?a"));
  url.AddQuery("scope", "repository:a/b:pull,push &=\xc3\xa4");
  EXPECT_EQ(url.Format(),
            "https://r.example/"
            "?a&scope=repository%3Aa%2Fb%3Apull%2Cpush%20%26%3D%C3%A4");
}

}  // namespace
}  // namespace countersign::client
