#include "storage/usage_counter.h"

#include <algorithm>

#include "base/status_macros.h"

namespace countersign::storage {

absl::StatusOr<int64_t> UsageCounter::Read(const Key& key) {
  const auto found = counts_.find(key);
  if (found != counts_.end()) return found->second.used;
  ASSIGN_OR_RETURN(Statement select,
                   db_.Prepare("SELECT used FROM key_usage WHERE product = ?"
                               " AND operation = ? AND version = ?"));
  RETURN_IF_ERROR(select.BindText(1, std::get<0>(key)));
  RETURN_IF_ERROR(select.BindText(2, std::get<1>(key)));
  RETURN_IF_ERROR(select.Bind(3, std::get<2>(key)));
  ASSIGN_OR_RETURN(const bool row, select.Step());
  const int64_t used = row ? select.Int64(0) : 0;
  counts_[key].used = used;
  return used;
}

absl::StatusOr<bool> UsageCounter::Fits(const std::vector<core::KeyUse>& uses) {
  if (uses.empty()) return true;
  std::map<Key, int64_t> sums;  // of this change set
  for (const core::KeyUse& use : uses) {
    if (use.limit <= 0) continue;
    const Key key = KeyOf(use);
    ASSIGN_OR_RETURN(const int64_t used, Read(key));
    int64_t& sum = sums[key];
    // Without a sum that could overflow.
    if (use.count > use.limit - used - sum) return false;
    sum += use.count;
  }
  return true;
}

void UsageCounter::Add(const std::vector<core::KeyUse>& uses) {
  for (const core::KeyUse& use : uses) {
    if (use.limit <= 0) continue;
    Count& count = counts_[KeyOf(use)];
    count.used += use.count;
    count.changed = true;
  }
}

absl::Status UsageCounter::Write() {
  for (const auto& [key, count] : counts_) {
    if (!count.changed) continue;
    ASSIGN_OR_RETURN(
        Statement write,
        db_.Prepare("INSERT INTO key_usage (product, operation, version, used)"
                    " VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (product, operation, version)"
                    " DO UPDATE SET used = excluded.used"));
    RETURN_IF_ERROR(write.BindText(1, std::get<0>(key)));
    RETURN_IF_ERROR(write.BindText(2, std::get<1>(key)));
    RETURN_IF_ERROR(write.Bind(3, std::get<2>(key)));
    RETURN_IF_ERROR(write.Bind(4, count.used));
    RETURN_IF_ERROR(write.Run());
  }
  return absl::OkStatus();
}

absl::Status ReadUsage(Database& db, core::Product& product) {
  const auto has_limit = [](const core::Operation& operation) {
    return std::any_of(
        operation.key_versions.begin(), operation.key_versions.end(),
        [](const core::KeyVersion& key) { return key.max_signatures > 0; });
  };
  if (!std::any_of(product.operations.begin(), product.operations.end(),
                   has_limit)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Statement select,
                   db.Prepare("SELECT operation, version, used FROM key_usage"
                              " WHERE product = ?"));
  RETURN_IF_ERROR(select.BindText(1, product.name.product));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    core::Operation* operation =
        product.FindOperation(std::string(select.Octets(0)));
    if (operation == nullptr) continue;
    for (core::KeyVersion& key : operation->key_versions) {
      if (key.name.version == select.Int64(1) && key.max_signatures > 0) {
        key.signatures_used = select.Int64(2);
      }
    }
  }
}

}  // namespace countersign::storage
