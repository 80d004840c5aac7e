#include "storage/sqlite.h"

#include <sqlite3.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::storage {
namespace {

using base::HasCode;
using base::HasReason;
using base::IsOkAndHolds;

std::string NewPath() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return absl::StrCat(mkdtemp(pattern.data()), "/test.db");
}

Database OpenOrDie(const std::string& path) {
  return Database::Open(path, Database::Mode::kReadWriteCreate).value();
}

// A count would take a lock of all threads at each allocation.
TEST(Database, DoesNotCountSqlitesMemory) {
  Database db = OpenOrDie(NewPath());
  ASSERT_OK(db.Execute("CREATE TABLE t (x)"));
  EXPECT_EQ(sqlite3_memory_used(), 0);
}

TEST(Database, TellsHowManyRowsWereWritten) {
  Database db = OpenOrDie(NewPath());
  ASSERT_OK(db.Execute("CREATE TABLE t (x UNIQUE)"));
  ASSERT_OK(db.Execute("INSERT INTO t VALUES (1), (2)"));
  EXPECT_EQ(db.Changes(), 2);
  ASSERT_OK(db.Execute("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING"));
  EXPECT_EQ(db.Changes(), 0);
  ASSERT_OK(db.Execute("UPDATE t SET x = 3 WHERE x = 4"));
  EXPECT_EQ(db.Changes(), 0);
}

TEST(Database, KeepsNumbersTextAndOctets) {
  Database db = OpenOrDie(NewPath());
  ASSERT_OK(db.Execute("CREATE TABLE t (n INTEGER, x TEXT, b BLOB)"));
  const std::string octets("\0\xff\0", 3);
  {
    ASSERT_OK_AND_ASSIGN(Statement insert,
                         db.Prepare("INSERT INTO t VALUES (?, ?, ?)"));
    ASSERT_OK(insert.Bind(1, -(int64_t{1} << 62)));
    ASSERT_OK(insert.BindText(2, "caf\xc3\xa9"));
    ASSERT_OK(insert.BindBlob(3, octets));
    ASSERT_OK(insert.Run());
  }
  ASSERT_OK_AND_ASSIGN(Statement select, db.Prepare("SELECT n, x, b FROM t"));
  EXPECT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_EQ(select.Int64(0), -(int64_t{1} << 62));
  EXPECT_EQ(select.Octets(1), "caf\xc3\xa9");
  EXPECT_EQ(select.Octets(2), octets);
  EXPECT_THAT(select.Step(), IsOkAndHolds(false));
}

TEST(Database, KeepsEmptyTextApartFromNull) {
  Database db = OpenOrDie(NewPath());
  ASSERT_OK(db.Execute("CREATE TABLE t (x TEXT NOT NULL, b BLOB NOT NULL)"));
  ASSERT_OK_AND_ASSIGN(Statement insert,
                       db.Prepare("INSERT INTO t VALUES (?, ?)"));
  ASSERT_OK(insert.BindText(1, absl::string_view()));
  ASSERT_OK(insert.BindBlob(2, absl::string_view()));
  EXPECT_OK(insert.Run());
}

TEST(Database, ReusesStatementsWithFreshParameters) {
  Database db = OpenOrDie(NewPath());
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(Statement select, db.Prepare("SELECT ifnull(?, -1)"));
    if (i != 1) {
      ASSERT_OK(select.Bind(1, i));
    }
    ASSERT_OK(select.Step());
    EXPECT_EQ(select.Int64(0), i == 1 ? -1 : i);
  }
}

TEST(Database, NamesErrors) {
  Database db = OpenOrDie(NewPath());
  ASSERT_OK(db.Execute("CREATE TABLE t (x INTEGER PRIMARY KEY, y UNIQUE)"));
  ASSERT_OK(db.Execute("INSERT INTO t VALUES (1, 1)"));
  const absl::Status twice = db.Execute("INSERT INTO t VALUES (2, 1)");
  EXPECT_THAT(twice, HasReason("DATABASE_FAILED"));
  EXPECT_THAT(twice, HasCode(absl::StatusCode::kInternal));
  EXPECT_EQ(SqliteCodeOf(twice), "SQLITE_CONSTRAINT_UNIQUE");
  EXPECT_EQ(SqliteCodeOf(db.Execute("rubbish")), "SQLITE_ERROR");
  EXPECT_EQ(SqliteCodeOf(db.Prepare("rubbish").status()), "SQLITE_ERROR");
  EXPECT_EQ(SqliteCodeOf(db.Execute("COMMIT")), "SQLITE_ERROR");
  ASSERT_OK_AND_ASSIGN(Statement select, db.Prepare("SELECT 1"));
  EXPECT_EQ(SqliteCodeOf(select.Bind(1, 1)), "SQLITE_RANGE");
  EXPECT_EQ(SqliteCodeOf(absl::OkStatus()), "");
  EXPECT_EQ(SqliteCodeOf(absl::InternalError("x")), "");
  EXPECT_EQ(SqliteCodeName(SQLITE_IOERR_FSYNC), "SQLITE_IOERR_FSYNC");
  EXPECT_EQ(SqliteCodeName(99999), "SQLITE_99999");
}

TEST(Database, ReportsThatThereIsNoRow) {
  Database db = OpenOrDie(NewPath());
  EXPECT_THAT(db.Int64("SELECT 1 WHERE 0"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(db.Text("SELECT 1 WHERE 0"),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(db.Int64("SELECT 7"), IsOkAndHolds(7));
  EXPECT_THAT(db.Text("SELECT 'x'"), IsOkAndHolds("x"));
}

TEST(Database, KnowsWhetherATransactionIsOpen) {
  Database db = OpenOrDie(NewPath());
  EXPECT_FALSE(db.InTransaction());
  ASSERT_OK(db.Execute("BEGIN"));
  EXPECT_TRUE(db.InTransaction());
  ASSERT_OK(db.Execute("ROLLBACK"));
  EXPECT_FALSE(db.InTransaction());
}

TEST(Database, ReadOnlyDoesNotCreateAndDoesNotWrite) {
  const std::string path = NewPath();
  EXPECT_EQ(
      SqliteCodeOf(Database::Open(path, Database::Mode::kReadOnly).status()),
      "SQLITE_CANTOPEN");
  Database writer = OpenOrDie(path);
  ASSERT_OK(writer.Execute("CREATE TABLE t (x)"));
  auto reader = Database::Open(path, Database::Mode::kReadOnly);
  ASSERT_OK(reader);
  EXPECT_EQ(SqliteCodeOf(reader->Execute("INSERT INTO t VALUES (1)")),
            "SQLITE_READONLY");
}

}  // namespace
}  // namespace countersign::storage
