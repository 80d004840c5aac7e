// core::Store over one SQLite file: WAL, synchronous FULL, one writing
// connection and a few that read. The default store; it needs no server.
// server/app.cc makes it.
#ifndef COUNTERSIGN_STORAGE_SQLITE_STORE_H_
#define COUNTERSIGN_STORAGE_SQLITE_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/store.h"
#include "storage/lock_file.h"
#include "storage/reader_pool.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// Thread-safe as core::Store asks: one thread commits, any number read.
//
// When a write, an fsync or a check of the file fails, the store refuses every
// further commit (reason STORE_FAILED) until it is opened again: what the disk
// then holds of the last transaction is known only after reading it anew. A
// full disk or a busy file fails that commit alone.
class SqliteStore final : public core::Store {
 public:
  // Makes the file where it is not there, readable by its owner alone; its
  // directory must exist. Takes `path`.lock for as long as it lives.
  // FAILED_PRECONDITION: DATABASE_IN_USE, FOREIGN_DATABASE, NEWER_DATABASE.
  // INTERNAL, DATABASE_FAILED: SQLite cannot open it, or it is no database.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path);

  absl::StatusOr<std::vector<core::CommitOutcome>> Commit(
      absl::Span<const core::ChangeSet> changes) override;
  absl::StatusOr<core::Product> GetProduct(
      const core::ProductName& name) override;
  absl::StatusOr<core::Page<core::Product>> ListProducts(
      const core::ProductQuery& query) override;
  absl::StatusOr<core::SigningRequest> GetRequest(
      const core::RequestName& name) override;
  absl::StatusOr<core::Page<core::SigningRequest>> ListRequests(
      const core::RequestQuery& query) override;
  // A query with conditions looks at every leaf from `first` on until the page
  // is full: about a second for a million leaves where few fit.
  absl::StatusOr<std::vector<core::Leaf>> ReadLeaves(
      const core::LeafQuery& query) override;
  absl::StatusOr<core::TreeSnapshot> ReadTree(
      absl::Span<const core::TileId> tiles) override;

 private:
  SqliteStore(const std::string& path, LockFile lock, Database writer);

  // In the open transaction of writer_.
  absl::StatusOr<std::vector<core::CommitOutcome>> ApplyAll(
      absl::Span<const core::ChangeSet> changes);
  // Ends a transaction that did not commit, and decides whether the file can be
  // trusted further.
  void Abandon(const absl::Status& why);

  LockFile lock_;    // the last to go
  Database writer_;  // of the committing thread alone
  // Of the committing thread, as the other two. Known from one commit to the
  // next, unless that one failed: the lock keeps other writers out.
  std::optional<uint64_t> next_leaf_;
  absl::Status failed_;
  ReaderPool readers_;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_SQLITE_STORE_H_
