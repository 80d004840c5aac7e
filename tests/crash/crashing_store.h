// A Store that ends the process, as a power cut would, at its N-th commit:
// before the inner store saw it, or after it is durable and before anybody was
// told. For crash_victim.
#ifndef COUNTERSIGN_TESTS_CRASH_CRASHING_STORE_H_
#define COUNTERSIGN_TESTS_CRASH_CRASHING_STORE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/store.h"

namespace countersign::crash {

struct CrashPoint {
  int commit = 0;  // from 1; 0: never
  bool after = false;
};

// As thread-safe as the inner store, which must outlive it.
class CrashingStore final : public core::Store {
 public:
  CrashingStore(core::Store& inner, CrashPoint point)
      : inner_(inner), point_(point) {}

  absl::StatusOr<std::vector<core::CommitOutcome>> Commit(
      absl::Span<const core::ChangeSet> changes) override;

  absl::StatusOr<core::Product> GetProduct(
      const core::ProductName& name) override {
    return inner_.GetProduct(name);
  }
  absl::StatusOr<core::Page<core::Product>> ListProducts(
      const core::ProductQuery& query) override {
    return inner_.ListProducts(query);
  }
  absl::StatusOr<core::SigningRequest> GetRequest(
      const core::RequestName& name) override {
    return inner_.GetRequest(name);
  }
  absl::StatusOr<core::Page<core::SigningRequest>> ListRequests(
      const core::RequestQuery& query) override {
    return inner_.ListRequests(query);
  }
  absl::StatusOr<std::vector<core::Leaf>> ReadLeaves(
      const core::LeafQuery& query) override {
    return inner_.ReadLeaves(query);
  }
  absl::StatusOr<core::TreeSnapshot> ReadTree(
      absl::Span<const core::TileId> tiles) override {
    return inner_.ReadTree(tiles);
  }

 private:
  core::Store& inner_;
  const CrashPoint point_;
  int commits_ = 0;  // of the committing thread
};

}  // namespace countersign::crash

#endif  // COUNTERSIGN_TESTS_CRASH_CRASHING_STORE_H_
