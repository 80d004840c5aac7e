// Counts the uses of keys that have a limit, inside one open transaction: the
// count of a key version is read once and written once, whatever the number of
// change sets that use it (docs/adr/0010). Called by ChangeApplier and by
// reads.
#ifndef COUNTERSIGN_STORAGE_USAGE_COUNTER_H_
#define COUNTERSIGN_STORAGE_USAGE_COUNTER_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/product.h"
#include "core/store.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// Lives as long as one transaction of `db`. Single-thread.
class UsageCounter {
 public:
  explicit UsageCounter(Database& db) : db_(db) {}

  // Whether all of `uses` fit under their limits, after what was added before.
  absl::StatusOr<bool> Fits(const std::vector<core::KeyUse>& uses);
  // Adds what fits.
  void Add(const std::vector<core::KeyUse>& uses);
  // Writes each count that has changed.
  absl::Status Write();

 private:
  // Product, operation, version.
  using Key = std::tuple<std::string, std::string, int64_t>;
  struct Count {
    int64_t used = 0;
    bool changed = false;
  };

  static Key KeyOf(const core::KeyUse& use) {
    return {use.key.operation.product.product, use.key.operation.operation,
            use.key.version};
  }
  absl::StatusOr<int64_t> Read(const Key& key);

  Database& db_;
  std::map<Key, Count> counts_;
};

// Fills in signatures_used of those key versions that have a limit.
absl::Status ReadUsage(Database& db, core::Product& product);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_USAGE_COUNTER_H_
