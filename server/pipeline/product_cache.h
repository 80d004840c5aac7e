// The products as they are committed now, as immutable snapshots: what every
// step of a flow looks at. Filled from the store, replaced by the writer when a
// change of a product is durable and before anybody learns of it, so that a
// disabled product stops signing at once.
#ifndef COUNTERSIGN_SERVER_PIPELINE_PRODUCT_CACHE_H_
#define COUNTERSIGN_SERVER_PIPELINE_PRODUCT_CACHE_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "core/names.h"
#include "core/product.h"
#include "core/store.h"

namespace countersign::server {

using ProductSnapshot = std::shared_ptr<const core::Product>;

// Thread-safe. `store` must outlive it.
class ProductCache {
 public:
  explicit ProductCache(core::Store& store) : store_(store) {}

  // Reads all products. Blocks on the disk.
  absl::Status LoadAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // The snapshot, or nullptr where there is no such product. Blocks on the disk
  // when the product is not known yet; the store's errors.
  absl::StatusOr<ProductSnapshot> Get(const core::ProductName& name)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Never steps back: the higher revision stays.
  void Put(core::Product product) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  core::Store& store_;
  base::Mutex mutex_;
  absl::flat_hash_map<std::string, ProductSnapshot> products_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_PRODUCT_CACHE_H_
