// Applies change sets inside one open transaction: looks first whether one
// fits what is there, and writes only then, so that each is whole or not at all
// without a savepoint. Called by SqliteStore.
#ifndef COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_
#define COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/store.h"
#include "storage/sqlite.h"
#include "storage/usage_counter.h"

namespace countersign::storage {

// Lives as long as one transaction of `db`.
class ChangeApplier {
 public:
  // Reads the number that the next leaf gets.
  static absl::StatusOr<ChangeApplier> Create(Database& db);

  // Sees what was applied before in this transaction. After an error the
  // transaction must be rolled back.
  absl::StatusOr<core::CommitOutcome> Apply(const core::ChangeSet& change);

  // Writes what was gathered over all change sets; before the transaction ends.
  absl::Status Finish() { return usage_.Write(); }

 private:
  using Race = absl::StatusOr<std::optional<core::LostRace>>;

  ChangeApplier(Database& db, uint64_t next_leaf)
      : db_(db), usage_(db), next_leaf_(next_leaf) {}

  Race FindRace(const core::ChangeSet& change);
  Race CheckProduct(const core::ProductName& name, int64_t revision);
  Race CheckKeys(const core::Product& product);
  Race CheckRequest(const core::SigningRequest& request);
  Race CheckRequestId(const core::SigningRequest& request);
  Race CheckTree(const core::TreeUpdate& update);

  absl::Status Write(const core::Product& product);
  absl::Status Insert(const core::SigningRequest& request);
  absl::Status Update(const core::SigningRequest& request);
  absl::Status Write(const core::TreeUpdate& update);
  absl::Status Append(const core::Event& event);

  Database& db_;
  UsageCounter usage_;
  uint64_t next_leaf_;
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_CHANGE_APPLIER_H_
