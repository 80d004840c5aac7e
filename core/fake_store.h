// A Store for tests, in memory, with the whole contract: revisions, lost races,
// idempotency keys, numbered leaves, pages, the tree. Faults are scripted.
// Nothing survives the object; a test that wants a restart keeps the store and
// makes the rest anew.
//
// Leaf bytes belong to audit/, a higher room: give its function, or take the
// default, which writes a simple canonical JSON object.
#ifndef COUNTERSIGN_CORE_FAKE_STORE_H_
#define COUNTERSIGN_CORE_FAKE_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/mutex.h"
#include "core/event.h"
#include "core/fake_fault.h"
#include "core/names.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "core/store.h"

namespace countersign::core {

// Thread-safe.
class FakeStore final : public Store {
 public:
  using LeafBytes = std::function<std::string(uint64_t, const Event&)>;

  FakeStore();
  explicit FakeStore(LeafBytes leaf_bytes)
      : leaf_bytes_(std::move(leaf_bytes)) {}

  absl::StatusOr<std::vector<CommitOutcome>> Commit(
      absl::Span<const ChangeSet> changes) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Product> GetProduct(const ProductName& name) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Page<Product>> ListProducts(const ProductQuery& query) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<SigningRequest> GetRequest(const RequestName& name) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Page<SigningRequest>> ListRequests(
      const RequestQuery& query) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Leaf>> ReadLeaves(const LeafQuery& query) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<TreeSnapshot> ReadTree(absl::Span<const TileId> tiles) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The next `count` commits fail so and apply nothing.
  void FailNextCommits(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` commits are applied, yet their answer is this error: the
  // caller cannot know.
  void LoseNextAnswers(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The next `count` reads fail so.
  void FailNextReads(int count, absl::Status status)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls of Commit, and what was recorded in order of its number.
  int64_t commits() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<Event> events() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using RequestKey = std::tuple<std::string, std::string, std::string>;

  std::optional<LostRace> FindRaceLocked(const ChangeSet& set) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<LostRace> FindProductRaceLocked(const ChangeSet& set) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<LostRace> FindKeyRaceLocked(const Product& product) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<LostRace> FindLimitRaceLocked(const ChangeSet& set) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `product` with what was counted for its keys.
  Product WithUsesLocked(Product product) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<LostRace> FindRequestRaceLocked(const SigningRequest& r) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Committed ApplyLocked(const ChangeSet& set)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const LeafBytes leaf_bytes_;
  mutable base::Mutex mutex_;
  std::map<std::string, Product> products_ ABSL_GUARDED_BY(mutex_);
  // In the order of their inserts, and where to find them.
  std::vector<SigningRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, size_t> by_name_ ABSL_GUARDED_BY(mutex_);
  std::map<RequestKey, size_t> by_request_id_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> key_uses_ ABSL_GUARDED_BY(mutex_);
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> leaves_ ABSL_GUARDED_BY(mutex_);
  uint64_t tree_size_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string checkpoint_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<int, uint64_t>, std::string> tiles_
      ABSL_GUARDED_BY(mutex_);
  FakeFault commit_fault_ ABSL_GUARDED_BY(mutex_);
  FakeFault answer_fault_ ABSL_GUARDED_BY(mutex_);
  FakeFault read_fault_ ABSL_GUARDED_BY(mutex_);
  int64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_STORE_H_
