// SQLite in C++: a connection and its prepared statements, each owned, each
// call's result checked. The only place with raw sqlite3 handles. It knows no
// schema.
#ifndef COUNTERSIGN_STORAGE_SQLITE_H_
#define COUNTERSIGN_STORAGE_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::storage {

struct SqliteDeleter {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
  }
};
using SqlitePtr = std::unique_ptr<sqlite3, SqliteDeleter>;
using SqliteStatementPtr = std::unique_ptr<sqlite3_stmt, SqliteDeleter>;

// One use of a cached statement; it is reset when this dies, so none of its
// locks outlives it. Parameters count from 1, columns from 0.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(Statement&& o) noexcept
      : statement_(std::exchange(o.statement_, nullptr)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  absl::Status Bind(int parameter, int64_t value);
  // What is bound must live until the statement is done.
  absl::Status BindText(int parameter, absl::string_view text);
  absl::Status BindBlob(int parameter, absl::string_view octets);

  // True where there is a row. Blocks.
  absl::StatusOr<bool> Step();
  // For a statement without rows.
  absl::Status Run();

  int64_t Int64(int column) const;
  // Octets of a text or blob; valid until the next Step.
  absl::string_view Octets(int column) const;

 private:
  absl::Status Check(int result, const char* call) const;

  sqlite3_stmt* statement_;
};

// Thread-compatible: one thread at a time uses a connection.
class Database {
 public:
  enum class Mode { kReadWriteCreate, kReadOnly };
  static absl::StatusOr<Database> Open(const std::string& path, Mode mode);

  // All statements of `sql`, without parameters.
  absl::Status Execute(const std::string& sql);
  // A statement of this connection, prepared once. Not two uses of the same
  // text at a time.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);
  // The first column of the first row; NOT_FOUND where there is none.
  absl::StatusOr<int64_t> Int64(absl::string_view sql);
  absl::StatusOr<std::string> Text(absl::string_view sql);

  // How many rows the last INSERT, UPDATE or DELETE wrote.
  int64_t Changes() const { return sqlite3_changes64(db_.get()); }
  bool InTransaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

 private:
  explicit Database(SqlitePtr db) : db_(std::move(db)) {}

  SqlitePtr db_;  // before the statements: they die first
  std::map<std::string, SqliteStatementPtr, std::less<>> statements_;
};

// The name of an extended result code: "SQLITE_IOERR_FSYNC".
std::string SqliteCodeName(int code);

// INTERNAL, reason DATABASE_FAILED, metadata {sqlite: "SQLITE_BUSY"}.
absl::Status SqliteError(int code, absl::string_view what);

// The name in an error that SqliteError made; empty for others.
std::string SqliteCodeOf(const absl::Status& status);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_SQLITE_H_
