#include "server/config/mistakes.h"

#include <string>

#include "base/error.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

TEST(Mistakes, AreOkWhereThereAreNone) {
  Mistakes mistakes;
  mistakes.Locate("a", 1, 1);
  EXPECT_TRUE(mistakes.empty());
  EXPECT_OK(mistakes.ToStatus("f.yaml"));
}

TEST(Mistakes, StandInTheOrderOfTheFile) {
  Mistakes mistakes;
  mistakes.Locate("late", 9, 1);
  mistakes.Locate("early", 2, 3);
  mistakes.Add("late", "is late");
  mistakes.Add("early", "is early");
  mistakes.AddAt(2, 1, "first", "is first");
  const absl::Status status = mistakes.ToStatus("f.yaml");
  EXPECT_THAT(status, base::StatusIs(absl::StatusCode::kInvalidArgument,
                                     "3 mistakes in the configuration\n"
                                     "f.yaml:2:1: first: is first\n"
                                     "f.yaml:2:3: early: is early\n"
                                     "f.yaml:9:1: late: is late"));
  EXPECT_THAT(status, base::HasReason("BAD_CONFIG"));
  const auto details = base::GetErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_THAT(details->field_violations,
              testing::ElementsAre(base::FieldViolation{"first", "is first"},
                                   base::FieldViolation{"early", "is early"},
                                   base::FieldViolation{"late", "is late"}));
}

TEST(Mistakes, StandAtTheNearestKnownFieldAround) {
  Mistakes mistakes;
  mistakes.Locate("a", 5, 1);
  mistakes.Locate("a.b", 6, 3);
  mistakes.Add("a.b[2].c", "x");
  mistakes.Add("a.z", "y");
  mistakes.Add("q", "z");
  EXPECT_EQ(std::string(mistakes.ToStatus("f").message()),
            "3 mistakes in the configuration\nf:1:1: q: z\nf:5:1: a.z: y\n"
            "f:6:3: a.b[2].c: x");
}

TEST(Mistakes, ShowControlCharactersAsEscapes) {
  Mistakes mistakes;
  mistakes.Add("a\x1b[2J", "b\n");
  EXPECT_EQ(std::string(mistakes.ToStatus("f").message()),
            "1 mistake in the configuration\nf:1:1: a\\x1b[2J: b\\x0a");
}

}  // namespace
}  // namespace countersign::server
