#include "client/cli/resource_names.h"

#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;
using base::IsOkAndHolds;
using testing::Eq;

constexpr char kRequest[] =
    "products/p/operations/o/signingRequests/"
    "019505a1-7c3e-7000-8000-5f2d8a6b9c01";

TEST(ProductNameFrom, TakesBothForms) {
  EXPECT_THAT(ProductNameFrom("p-1"), IsOkAndHolds(Eq("products/p-1")));
  EXPECT_THAT(ProductNameFrom("products/p-1"),
              IsOkAndHolds(Eq("products/p-1")));
}

TEST(OperationNameFrom, TakesBothForms) {
  EXPECT_THAT(OperationNameFrom("p/o"),
              IsOkAndHolds(Eq("products/p/operations/o")));
  EXPECT_THAT(OperationNameFrom("products/p/operations/o"),
              IsOkAndHolds(Eq("products/p/operations/o")));
}

TEST(KeyNameFrom, TakesOperationsAndVersions) {
  EXPECT_THAT(KeyNameFrom("p/o"), IsOkAndHolds(Eq("products/p/operations/o")));
  EXPECT_THAT(KeyNameFrom("p/o/2"),
              IsOkAndHolds(Eq("products/p/operations/o/keyVersions/2")));
  EXPECT_THAT(KeyNameFrom("products/p/operations/o/keyVersions/2"),
              IsOkAndHolds(Eq("products/p/operations/o/keyVersions/2")));
}

TEST(KeyVersionNameFrom, TakesNoOperation) {
  for (const char* text : {"p/o/2", "products/p/operations/o/keyVersions/2"}) {
    EXPECT_THAT(KeyVersionNameFrom(text),
                IsOkAndHolds(Eq("products/p/operations/o/keyVersions/2")));
  }
  for (const char* text : {"", "p/o", "products/p/operations/o", "p/o/2/3",
                           "products/p/operations/o/signingRequests/2"}) {
    EXPECT_THAT(KeyVersionNameFrom(text), HasReason("MALFORMED_NAME")) << text;
  }
}

TEST(ShortKeyName, IsWhatPeopleType) {
  EXPECT_EQ(ShortKeyName("products/p/operations/o/keyVersions/2"), "p/o/2");
  EXPECT_EQ(ShortKeyName("p/o/2"), "p/o/2");
  EXPECT_EQ(ShortKeyName("products/p"), "products/p");
}

TEST(ParentNameFrom, TakesAllAProductOrAnOperation) {
  EXPECT_THAT(ParentNameFrom("products/-"), IsOkAndHolds(Eq("products/-")));
  EXPECT_THAT(ParentNameFrom("-"), IsOkAndHolds(Eq("products/-")));
  EXPECT_THAT(ParentNameFrom("p"), IsOkAndHolds(Eq("products/p")));
  EXPECT_THAT(ParentNameFrom("products/p"), IsOkAndHolds(Eq("products/p")));
  EXPECT_THAT(ParentNameFrom("p/o"),
              IsOkAndHolds(Eq("products/p/operations/o")));
}

TEST(RequestNameFrom, TakesTheWholeNameOnly) {
  EXPECT_THAT(RequestNameFrom(kRequest), IsOkAndHolds(Eq(kRequest)));
  for (const char* text :
       {"", "019505a1-7c3e-7000-8000-5f2d8a6b9c01", "p/o/r",
        "products/p/operations/o", "products/p/operations/o/keyVersions/1"}) {
    EXPECT_THAT(RequestNameFrom(text), HasReason("MALFORMED_NAME")) << text;
  }
}

TEST(Names, RefuseWhatIsNone) {
  for (const char* text :
       {"", "P", "-p", "p_1", "p/", "products/", "../p", "p o", "\x1b[2J"}) {
    EXPECT_THAT(ProductNameFrom(text), HasReason("MALFORMED_NAME")) << text;
  }
  for (const char* text : {"", "p", "p/o/x/y/z", "products/p/operation/o",
                           "product/p/operations/o", "p//o", "p/O"}) {
    EXPECT_THAT(OperationNameFrom(text), HasReason("MALFORMED_NAME")) << text;
  }
}

}  // namespace
}  // namespace countersign::client
