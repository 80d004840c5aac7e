#include "storage/sqlite_store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "core/errors.h"
#include "storage/change_applier.h"
#include "storage/leaf_query.h"
#include "storage/product_codec.h"
#include "storage/product_query.h"
#include "storage/request_codec.h"
#include "storage/request_query.h"
#include "storage/schema.h"
#include "storage/usage_counter.h"

namespace countersign::storage {
namespace {

// Reads are short; more would only wait for the two cores.
constexpr int kReaders = 4;

// SQLite gives its log and index the file's own mode.
absl::Status CreatePrivately(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  close(fd);
  return absl::OkStatus();
}

absl::Status Configure(Database& db) {
  // No journal_size_limit and no TRUNCATE checkpoint: a log that is overwritten
  // syncs in a third of the time of one that grows. SQLite's own checkpoint at
  // 1,000 pages stays.
  ASSIGN_OR_RETURN(const std::string mode,
                   db.Text("PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat("the file system cannot hold a write-ahead log (journal "
                     "mode ",
                     mode, "); use a local one"));
  }
  return db.Execute(
      "PRAGMA synchronous = FULL;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA trusted_schema = OFF;"
      // Debian's default overwrites what is deleted; nothing that is deleted
      // here is secret, and a cell that moves in its page costs as much again.
      "PRAGMA secure_delete = OFF;"
      // KiB. A commit dirties some 25 pages, and what it looks up is near the
      // end of each tree: more is not faster.
      "PRAGMA cache_size = -2048;");
}

// Failures after which the file is as before and can be written again.
bool IsHarmless(const absl::Status& status) {
  const std::string code = SqliteCodeOf(status);
  return code.empty() || absl::StartsWith(code, "SQLITE_BUSY") ||
         absl::StartsWith(code, "SQLITE_CONSTRAINT") || code == "SQLITE_FULL" ||
         code == "SQLITE_TOOBIG";
}

// A statement without rows, prepared once.
absl::Status Run(Database& db, absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, db.Prepare(sql));
  return statement.Step().status();
}

}  // namespace

SqliteStore::SqliteStore(const std::string& path, LockFile lock,
                         Database writer)
    : lock_(std::move(lock)),
      writer_(std::move(writer)),
      readers_(path, kReaders) {}

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path) {
  ASSIGN_OR_RETURN(LockFile lock, LockFile::Acquire(path + ".lock"));
  RETURN_IF_ERROR(CreatePrivately(path));
  ASSIGN_OR_RETURN(Database writer,
                   Database::Open(path, Database::Mode::kReadWriteCreate));
  absl::Status status = Configure(writer);
  if (status.ok()) status = MigrateSchema(writer);
  if (!status.ok()) return base::Annotate(status, path);
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(path, std::move(lock), std::move(writer)));
}

absl::StatusOr<std::vector<core::CommitOutcome>> SqliteStore::Commit(
    absl::Span<const core::ChangeSet> changes) {
  if (!failed_.ok()) return failed_;
  auto outcomes = ApplyAll(changes);
  if (outcomes.ok()) return outcomes;
  next_leaf_.reset();
  Abandon(outcomes.status());
  return outcomes;
}

absl::StatusOr<std::vector<core::CommitOutcome>> SqliteStore::ApplyAll(
    absl::Span<const core::ChangeSet> changes) {
  RETURN_IF_ERROR(Run(writer_, "BEGIN IMMEDIATE"));
  if (!next_leaf_.has_value()) {
    ASSIGN_OR_RETURN(next_leaf_, CountLeaves(writer_));
  }
  ChangeApplier applier(writer_, *next_leaf_);
  std::vector<core::CommitOutcome> outcomes;
  outcomes.reserve(changes.size());
  for (const core::ChangeSet& change : changes) {
    ASSIGN_OR_RETURN(core::CommitOutcome outcome, applier.Apply(change));
    outcomes.push_back(std::move(outcome));
  }
  RETURN_IF_ERROR(applier.Finish());
  RETURN_IF_ERROR(Run(writer_, "COMMIT"));
  next_leaf_ = applier.next_leaf();
  return outcomes;
}

void SqliteStore::Abandon(const absl::Status& why) {
  bool harmless = IsHarmless(why);
  if (writer_.InTransaction() && !writer_.Execute("ROLLBACK").ok()) {
    harmless = false;
  }
  if (harmless) return;
  failed_ = base::MakeError(
      absl::StatusCode::kInternal,
      absl::StrCat("the store takes no more writes until it is opened again, "
                   "because of: ",
                   why.message()),
      {"STORE_FAILED", {{"sqlite", SqliteCodeOf(why)}}, {}, {}, {}});
}

absl::StatusOr<core::Product> SqliteStore::GetProduct(
    const core::ProductName& name) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  ASSIGN_OR_RETURN(Statement select,
                   db->Prepare("SELECT value FROM products WHERE id = ?"));
  RETURN_IF_ERROR(select.BindText(1, name.product));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return core::error::NotFound(name.Format());
  ASSIGN_OR_RETURN(core::Product product, DecodeProduct(select.Octets(0)));
  RETURN_IF_ERROR(ReadUsage(*db, product));
  return product;
}

absl::StatusOr<core::Page<core::Product>> SqliteStore::ListProducts(
    const core::ProductQuery& query) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  return SelectProducts(*db, query);
}

absl::StatusOr<core::SigningRequest> SqliteStore::GetRequest(
    const core::RequestName& name) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  ASSIGN_OR_RETURN(Statement select,
                   db->Prepare("SELECT value FROM signing_requests WHERE id = ?"
                               " AND product = ? AND operation = ?"));
  RETURN_IF_ERROR(select.BindText(1, name.id));
  RETURN_IF_ERROR(select.BindText(2, name.operation.product.product));
  RETURN_IF_ERROR(select.BindText(3, name.operation.operation));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return core::error::NotFound(name.Format());
  return DecodeRequest(select.Octets(0));
}

absl::StatusOr<core::Page<core::SigningRequest>> SqliteStore::ListRequests(
    const core::RequestQuery& query) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  return SelectRequests(*db, query);
}

absl::StatusOr<std::vector<core::Leaf>> SqliteStore::ReadLeaves(
    const core::LeafQuery& query) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  return SelectLeaves(*db, query);
}

absl::StatusOr<core::TreeSnapshot> SqliteStore::ReadTree(
    absl::Span<const core::TileId> tiles) {
  ASSIGN_OR_RETURN(ReaderPool::Lease db, readers_.Borrow());
  // One transaction: size, checkpoint and tiles of one moment.
  RETURN_IF_ERROR(db->Execute("BEGIN"));
  absl::StatusOr<core::TreeSnapshot> tree = SelectTree(*db, tiles);
  RETURN_IF_ERROR(db->Execute("END"));
  return tree;
}

}  // namespace countersign::storage
