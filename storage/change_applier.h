// Applies change sets inside one open transaction: looks first whether one
// fits what is there, and writes only then, so that each is whole or not at all
// without a savepoint. A signing request that comes alone is not looked for:
// its write is the first, and tells by itself whether it fits. Called by
// SqliteStore.
#ifndef COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_
#define COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/store.h"
#include "storage/sqlite.h"
#include "storage/usage_counter.h"

namespace countersign::storage {

// The number that the next leaf gets.
absl::StatusOr<uint64_t> CountLeaves(Database& db);

// Lives as long as one transaction of `db`. Single-thread.
class ChangeApplier {
 public:
  ChangeApplier(Database& db, uint64_t next_leaf)
      : db_(db), usage_(db), next_leaf_(next_leaf) {}

  // Sees what was applied before in this transaction. After an error the
  // transaction must be rolled back.
  absl::StatusOr<core::CommitOutcome> Apply(const core::ChangeSet& change);

  // Writes what was gathered over all change sets; before the transaction ends.
  absl::Status Finish() { return usage_.Write(); }

  // The number of the next leaf, once the transaction has ended well.
  uint64_t next_leaf() const { return next_leaf_; }

 private:
  using Race = absl::StatusOr<std::optional<core::LostRace>>;

  Race FindRace(const core::ChangeSet& change);
  Race FindLateRace(const core::ChangeSet& change);
  Race CheckProduct(const core::ProductName& name, int64_t revision);
  Race CheckKeys(const core::Product& product);
  Race CheckRequests(const core::ChangeSet& change);
  Race CheckRequest(const core::SigningRequest& request);
  Race CheckRequestId(const core::SigningRequest& request);
  Race CheckTree(const core::TreeUpdate& update);

  // 0: it is not there. Asks the database once for each product.
  absl::StatusOr<int64_t> RevisionOf(const core::ProductName& name);

  absl::Status Write(const core::Product& product);
  // False: it does not fit what is there, and nothing was written.
  absl::StatusOr<bool> Write(const core::SigningRequest& request);
  absl::Status Insert(const core::SigningRequest& request);
  absl::Status Update(const core::SigningRequest& request);
  absl::Status Write(const core::TreeUpdate& update);
  absl::Status Append(const core::Event& event);

  Database& db_;
  UsageCounter usage_;
  // Of products that were read or written in this transaction, by id.
  std::map<std::string, int64_t> revisions_;
  uint64_t next_leaf_;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_
