#include "core/names.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::core {
namespace {

constexpr char kUuid[] = "01940000-0001-7000-8000-000000000000";

TEST(NamesTest, TellsValidIdsFromOthers) {
  for (const std::string& id :
       {std::string("a"), std::string("0"), std::string("a-b"),
        std::string("1-2-3"), std::string(63, 'x')}) {
    EXPECT_TRUE(IsValidId(id)) << id;
  }
  for (const std::string& id :
       {std::string(), std::string("-"), std::string("-a"), std::string("a-"),
        std::string("A"), std::string("a_b"), std::string("a.b"),
        std::string("a b"), std::string("a/b"), std::string("\xc3\xa9"),
        std::string("a\0", 2), std::string("\xff"), std::string(64, 'x')}) {
    EXPECT_FALSE(IsValidId(id)) << id;
  }
}

TEST(NamesTest, MakesIdsOfDisplayNames) {
  struct Row {
    std::string text;
    std::string want;
  };
  const Row rows[] = {
      {"OCI digest signing", "oci-digest-signing"},
      {"  Open  Component -- Model!", "open-component-model"},
      {"x", "x"},
      {"2nd", "2nd"},
      {"\xc3\xa9t\xc3\xa9", "t"},
      {"---", ""},
      {"", ""},
      {std::string(62, 'a') + " b", std::string(62, 'a')},
      {std::string(100, 'a'), std::string(63, 'a')},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(IdFromDisplayName(row.text), row.want) << row.text;
    EXPECT_TRUE(row.want.empty() || IsValidId(row.want));
  }
}

TEST(NamesTest, ReadsWhatItWrites) {
  const ProductName product{"p-1"};
  const OperationName operation{product, "op"};
  const KeyVersionName key{operation, 12};
  const RequestName request{operation, kUuid};
  EXPECT_EQ(product.Format(), "products/p-1");
  EXPECT_EQ(operation.Format(), "products/p-1/operations/op");
  EXPECT_EQ(key.Format(), "products/p-1/operations/op/keyVersions/12");
  EXPECT_EQ(request.Format(),
            absl::StrCat("products/p-1/operations/op/signingRequests/", kUuid));
  EXPECT_THAT(ProductName::Parse(product.Format()),
              base::IsOkAndHolds(product));
  EXPECT_THAT(OperationName::Parse(operation.Format()),
              base::IsOkAndHolds(operation));
  EXPECT_THAT(KeyVersionName::Parse(key.Format()), base::IsOkAndHolds(key));
  EXPECT_THAT(RequestName::Parse(request.Format()),
              base::IsOkAndHolds(request));
}

template <typename Name>
void ExpectMalformed(const std::string& text, const std::string& pattern) {
  const auto name = Name::Parse(text);
  EXPECT_THAT(name, base::StatusIs(absl::StatusCode::kInvalidArgument,
                                   testing::HasSubstr(pattern)))
      << text;
  EXPECT_THAT(name, base::HasReason("MALFORMED_NAME")) << text;
}

TEST(NamesTest, RefusesMalformedNamesAndSaysTheForm) {
  for (const std::string& text :
       {std::string(), std::string("products"), std::string("products/"),
        std::string("/products/a"), std::string("products/a/"),
        std::string("product/a"), std::string("products/A"),
        std::string("products/-"), std::string("products/a/operations/b"),
        std::string("products/\xff"), std::string("products/a\0", 11),
        "products/" + std::string(100000, 'a')}) {
    ExpectMalformed<ProductName>(text, "products/{product}");
  }
  for (const char* text :
       {"products/a", "products/a/operations/", "products/a/operation/b",
        "products//operations/b", "products/a/operations/b/keyVersions/1"}) {
    ExpectMalformed<OperationName>(text, "operations/{operation}");
  }
}

TEST(NamesTest, RefusesVersionsThatAreNoCanonicalPositiveNumber) {
  for (const char* version :
       {"", "0", "-1", "+1", "01", "1 ", "x", "1.0", "9223372036854775808"}) {
    ExpectMalformed<KeyVersionName>(
        absl::StrCat("products/a/operations/b/keyVersions/", version),
        "keyVersions/{number}");
  }
  EXPECT_OK(KeyVersionName::Parse(
      "products/a/operations/b/keyVersions/9223372036854775807"));
}

TEST(NamesTest, RefusesIdsThatAreNoVersion7Uuid) {
  for (const char* id : {"", "1", "01940000-0001-4000-8000-000000000000",
                         "01940000-0001-7000-0000-000000000000",
                         "01940000-0001-7000-8000-00000000000",
                         "01940000-0001-7000-8000-00000000000G",
                         "01940000-0001-7000-8000-00000000000A",
                         "019400000001-7000-8000-0000000000000",
                         "{1940000-0001-7000-8000-000000000000"}) {
    ExpectMalformed<RequestName>(
        absl::StrCat("products/a/operations/b/signingRequests/", id),
        "signingRequests/{uuid}");
  }
}

}  // namespace
}  // namespace countersign::core
