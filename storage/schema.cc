#include "storage/schema.h"

#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::storage {
namespace {

// kMigrations[n] leads from version n to n + 1. Never edited, only appended to.
constexpr const char* kMigrations[] = {
    // value: see product_codec.h. The other columns are what is asked by.
    "CREATE TABLE products ("
    "  id TEXT PRIMARY KEY,"
    "  revision INTEGER NOT NULL,"
    "  value BLOB NOT NULL"
    ") WITHOUT ROWID;"

    // value: see request_codec.h. `number` counts in order of creation.
    "CREATE TABLE signing_requests ("
    "  number INTEGER PRIMARY KEY,"
    "  id TEXT NOT NULL,"
    "  product TEXT NOT NULL,"
    "  operation TEXT NOT NULL,"
    "  revision INTEGER NOT NULL,"
    "  state INTEGER NOT NULL,"
    "  expire_time INTEGER NOT NULL,"  // nanoseconds since 1970
    "  requester_subject TEXT NOT NULL,"
    "  requester_issuer TEXT NOT NULL,"
    "  request_id TEXT NOT NULL,"
    "  value BLOB NOT NULL"
    ");"
    // Ids are ordered by time, so all of these grow at a few places only.
    "CREATE UNIQUE INDEX signing_requests_by_name"
    "  ON signing_requests (id, product, operation);"
    "CREATE INDEX signing_requests_by_operation"
    "  ON signing_requests (product, operation);"
    // PENDING_APPROVAL and APPROVED: what recovery, expiry and approvers ask
    // for. Requests leave it when they end.
    "CREATE INDEX signing_requests_open"
    "  ON signing_requests (number) WHERE state < 2;"
    "CREATE UNIQUE INDEX signing_requests_by_request_id"
    "  ON signing_requests (requester_subject, requester_issuer, request_id)"
    "  WHERE request_id <> '';"

    // bytes: see docs/audit-format.md. The other columns repeat what is in them
    // so that a filter need not parse; `bytes` is last so that it need not be
    // read.
    "CREATE TABLE leaves ("
    "  number INTEGER PRIMARY KEY,"
    "  type TEXT NOT NULL,"
    "  time INTEGER NOT NULL,"  // nanoseconds since 1970
    "  subject TEXT NOT NULL,"
    "  resource TEXT NOT NULL,"
    "  operation TEXT NOT NULL,"
    "  key_version TEXT NOT NULL,"
    "  bytes BLOB NOT NULL"
    ");"

    "CREATE TABLE tiles ("
    "  level INTEGER NOT NULL,"
    "  tile INTEGER NOT NULL,"
    "  hashes BLOB NOT NULL,"
    "  PRIMARY KEY (level, tile)"
    ");"
    "CREATE TABLE tree ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  size INTEGER NOT NULL,"
    "  checkpoint BLOB NOT NULL"
    ");"
    "INSERT INTO tree VALUES (1, 0, x'');",

    // One row for each key version that has a limit, and none for the others.
    "CREATE TABLE key_usage ("
    "  product TEXT NOT NULL,"
    "  operation TEXT NOT NULL,"
    "  version INTEGER NOT NULL,"
    "  used INTEGER NOT NULL,"
    "  PRIMARY KEY (product, operation, version)"
    ") WITHOUT ROWID;",
};
static_assert(std::size(kMigrations) == kSchemaVersion);

absl::Status CheckOwner(Database& db, int64_t version) {
  ASSIGN_OR_RETURN(const int64_t id, db.Int64("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t objects,
                   db.Int64("SELECT count(*) FROM sqlite_schema"));
  const bool empty = id == 0 && version == 0 && objects == 0;
  if (!empty && id != kApplicationId) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        "the file is a database of another program; name another file",
        {"FOREIGN_DATABASE", {}, {}, {}, {}});
  }
  if (version > kSchemaVersion) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("the database has schema version ", version,
                     ", this program knows ", kSchemaVersion,
                     "; run the newer program"),
        {"NEWER_DATABASE", {}, {}, {}, {}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> SchemaVersionOf(Database& db) {
  ASSIGN_OR_RETURN(const int64_t version, db.Int64("PRAGMA user_version"));
  RETURN_IF_ERROR(CheckOwner(db, version));
  return version;
}

absl::Status MigrateSchema(Database& db) {
  // IMMEDIATE: the version is read under the lock that the change needs.
  RETURN_IF_ERROR(db.Execute("BEGIN IMMEDIATE"));
  absl::Cleanup rollback = [&db] { db.Execute("ROLLBACK").IgnoreError(); };
  ASSIGN_OR_RETURN(const int64_t version, SchemaVersionOf(db));
  for (int64_t from = version; from < kSchemaVersion; ++from) {
    RETURN_IF_ERROR(db.Execute(kMigrations[from]));
  }
  RETURN_IF_ERROR(
      db.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId)));
  RETURN_IF_ERROR(
      db.Execute(absl::StrCat("PRAGMA user_version = ", kSchemaVersion)));
  RETURN_IF_ERROR(db.Execute("COMMIT"));
  std::move(rollback).Cancel();
  return absl::OkStatus();
}

}  // namespace countersign::storage
