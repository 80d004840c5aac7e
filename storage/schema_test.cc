#include "storage/schema.h"

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"
#include "storage/sqlite.h"

namespace countersign::storage {
namespace {

using base::HasReason;
using base::IsOkAndHolds;

Database NewDatabase() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return Database::Open(absl::StrCat(mkdtemp(pattern.data()), "/test.db"),
                        Database::Mode::kReadWriteCreate)
      .value();
}

TEST(MigrateSchema, MakesTheTablesOnce) {
  Database db = NewDatabase();
  ASSERT_OK(MigrateSchema(db));
  EXPECT_THAT(db.Int64("PRAGMA application_id"), IsOkAndHolds(kApplicationId));
  EXPECT_THAT(db.Int64("PRAGMA user_version"), IsOkAndHolds(kSchemaVersion));
  EXPECT_THAT(db.Int64("SELECT size FROM tree"), IsOkAndHolds(0));
  ASSERT_OK(db.Execute("UPDATE tree SET size = 5"));
  ASSERT_OK(MigrateSchema(db));
  EXPECT_THAT(db.Int64("SELECT size FROM tree"), IsOkAndHolds(5));
}

TEST(MigrateSchema, RefusesOtherDatabasesAndLeavesThemAlone) {
  Database db = NewDatabase();
  ASSERT_OK(db.Execute("CREATE TABLE theirs (x)"));
  EXPECT_THAT(MigrateSchema(db), HasReason("FOREIGN_DATABASE"));
  EXPECT_THAT(db.Int64("SELECT count(*) FROM sqlite_schema"), IsOkAndHolds(1));
  EXPECT_FALSE(db.InTransaction());
}

TEST(MigrateSchema, RefusesAnotherApplicationsId) {
  Database db = NewDatabase();
  ASSERT_OK(db.Execute("PRAGMA application_id = 1234"));
  EXPECT_THAT(MigrateSchema(db), HasReason("FOREIGN_DATABASE"));
}

TEST(MigrateSchema, RefusesANewerVersion) {
  Database db = NewDatabase();
  ASSERT_OK(MigrateSchema(db));
  ASSERT_OK(
      db.Execute(absl::StrCat("PRAGMA user_version = ", kSchemaVersion + 1)));
  EXPECT_THAT(MigrateSchema(db), HasReason("NEWER_DATABASE"));
}

TEST(MigrateSchema, AllowsOneTreeOnly) {
  Database db = NewDatabase();
  ASSERT_OK(MigrateSchema(db));
  EXPECT_EQ(SqliteCodeOf(db.Execute("INSERT INTO tree VALUES (2, 0, x'')")),
            "SQLITE_CONSTRAINT_CHECK");
}

}  // namespace
}  // namespace countersign::storage
