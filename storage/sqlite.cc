#include "storage/sqlite.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::storage {
namespace {

// How long a statement waits for a lock: another program that reads the file,
// or the moment in which a log is recovered.
constexpr int kBusyMilliseconds = 5000;

struct CodeName {
  int code;
  const char* name;
};

// Those that happen in operation; the rest is shown by number.
constexpr CodeName kCodeNames[] = {
    {SQLITE_ERROR, "SQLITE_ERROR"},
    {SQLITE_INTERNAL, "SQLITE_INTERNAL"},
    {SQLITE_PERM, "SQLITE_PERM"},
    {SQLITE_ABORT, "SQLITE_ABORT"},
    {SQLITE_BUSY, "SQLITE_BUSY"},
    {SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY"},
    {SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
    {SQLITE_BUSY_TIMEOUT, "SQLITE_BUSY_TIMEOUT"},
    {SQLITE_LOCKED, "SQLITE_LOCKED"},
    {SQLITE_NOMEM, "SQLITE_NOMEM"},
    {SQLITE_READONLY, "SQLITE_READONLY"},
    {SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"},
    {SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    {SQLITE_IOERR, "SQLITE_IOERR"},
    {SQLITE_IOERR_READ, "SQLITE_IOERR_READ"},
    {SQLITE_IOERR_SHORT_READ, "SQLITE_IOERR_SHORT_READ"},
    {SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"},
    {SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"},
    {SQLITE_IOERR_DIR_FSYNC, "SQLITE_IOERR_DIR_FSYNC"},
    {SQLITE_IOERR_TRUNCATE, "SQLITE_IOERR_TRUNCATE"},
    {SQLITE_IOERR_FSTAT, "SQLITE_IOERR_FSTAT"},
    {SQLITE_IOERR_CORRUPTFS, "SQLITE_IOERR_CORRUPTFS"},
    {SQLITE_IOERR_SHMOPEN, "SQLITE_IOERR_SHMOPEN"},
    {SQLITE_IOERR_SHMSIZE, "SQLITE_IOERR_SHMSIZE"},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    {SQLITE_CORRUPT_INDEX, "SQLITE_CORRUPT_INDEX"},
    {SQLITE_FULL, "SQLITE_FULL"},
    {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    {SQLITE_CANTOPEN_ISDIR, "SQLITE_CANTOPEN_ISDIR"},
    {SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    {SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    {SQLITE_MISUSE, "SQLITE_MISUSE"},
    {SQLITE_RANGE, "SQLITE_RANGE"},
    {SQLITE_NOTADB, "SQLITE_NOTADB"},
};

// SQLite counts the memory that it takes, under one lock for all threads, at
// each allocation; and Debian builds it without lookaside, so that a commit has
// hundreds. Nothing here asks for the count. Before the first connection of the
// process; where another library was faster, SQLite answers SQLITE_MISUSE and
// goes on counting, which does no harm.
void StopCountingMemory() {
  static const int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)result;
}

absl::Status LastError(sqlite3* db, absl::string_view call) {
  return SqliteError(sqlite3_extended_errcode(db),
                     absl::StrCat(call, ": ", sqlite3_errmsg(db)));
}

}  // namespace

std::string SqliteCodeName(int code) {
  for (const CodeName& row : kCodeNames) {
    if (row.code == code) return row.name;
  }
  return absl::StrCat("SQLITE_", code);
}

absl::Status SqliteError(int code, absl::string_view what) {
  return base::MakeError(
      absl::StatusCode::kInternal,
      absl::StrCat("database: ", what, " (", SqliteCodeName(code), ")"),
      {"DATABASE_FAILED", {{"sqlite", SqliteCodeName(code)}}, {}, {}, {}});
}

std::string SqliteCodeOf(const absl::Status& status) {
  const std::optional<base::ErrorDetails> details =
      base::GetErrorDetails(status);
  if (!details.has_value()) return "";
  const auto code = details->metadata.find("sqlite");
  return code == details->metadata.end() ? "" : code->second;
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  // The result repeats the last Step's, which was checked.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

absl::Status Statement::Check(int result, const char* call) const {
  if (result == SQLITE_OK) return absl::OkStatus();
  return LastError(sqlite3_db_handle(statement_), call);
}

absl::Status Statement::Bind(int parameter, int64_t value) {
  return Check(sqlite3_bind_int64(statement_, parameter, value), "bind");
}

absl::Status Statement::BindText(int parameter, absl::string_view text) {
  // An empty view may have no data, which SQLite takes for NULL.
  return Check(sqlite3_bind_text64(statement_, parameter,
                                   text.empty() ? "" : text.data(), text.size(),
                                   SQLITE_STATIC, SQLITE_UTF8),
               "bind");
}

absl::Status Statement::BindBlob(int parameter, absl::string_view octets) {
  return Check(sqlite3_bind_blob64(statement_, parameter,
                                   octets.empty() ? "" : octets.data(),
                                   octets.size(), SQLITE_STATIC),
               "bind");
}

absl::StatusOr<bool> Statement::Step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return LastError(sqlite3_db_handle(statement_), "step");
}

absl::Status Statement::Run() {
  ASSIGN_OR_RETURN(const bool row, Step());
  (void)row;  // a PRAGMA answers with one
  return absl::OkStatus();
}

int64_t Statement::Int64(int column) const {
  return sqlite3_column_int64(statement_, column);
}

absl::string_view Statement::Octets(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) return "";
  return absl::string_view(static_cast<const char*>(data), size);
}

absl::StatusOr<Database> Database::Open(const std::string& path, Mode mode) {
  StopCountingMemory();
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY
                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  SqlitePtr db(raw);  // even where opening failed
  if (result != SQLITE_OK) {
    return SqliteError(
        result, absl::StrCat("open ", path, ": ", sqlite3_errstr(result)));
  }
  const int busy = sqlite3_busy_timeout(db.get(), kBusyMilliseconds);
  if (busy != SQLITE_OK) return LastError(db.get(), "busy_timeout");
  return Database(std::move(db));
}

absl::Status Database::Execute(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    return LastError(db_.get(), "execute");
  }
  return absl::OkStatus();
}

absl::StatusOr<Statement> Database::Prepare(absl::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &raw,
                           nullptr) != SQLITE_OK) {
      return LastError(db_.get(), "prepare");
    }
    found =
        statements_.emplace(std::string(sql), SqliteStatementPtr(raw)).first;
  }
  return Statement(found->second.get());
}

absl::StatusOr<int64_t> Database::Int64(absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return absl::NotFoundError("no row");
  return statement.Int64(0);
}

absl::StatusOr<std::string> Database::Text(absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return absl::NotFoundError("no row");
  return std::string(statement.Octets(0));
}

}  // namespace countersign::storage
