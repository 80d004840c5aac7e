#include "server/pipeline/product_cache.h"

#include <utility>

#include "base/status_macros.h"

namespace countersign::server {

absl::Status ProductCache::LoadAll() {
  core::ProductQuery query;
  query.limit = 1000;
  do {
    ASSIGN_OR_RETURN(core::Page<core::Product> page,
                     store_.ListProducts(query));
    for (core::Product& product : page.items) Put(std::move(product));
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return absl::OkStatus();
}

absl::StatusOr<ProductSnapshot> ProductCache::Get(
    const core::ProductName& name) {
  if (name.product.empty()) return ProductSnapshot();
  {
    base::MutexLock lock(mutex_);
    const auto found = products_.find(name.product);
    if (found != products_.end()) return found->second;
  }
  absl::StatusOr<core::Product> product = store_.GetProduct(name);
  if (absl::IsNotFound(product.status())) return ProductSnapshot();
  RETURN_IF_ERROR(product.status());
  Put(*std::move(product));
  base::MutexLock lock(mutex_);
  return products_[name.product];
}

void ProductCache::Put(core::Product product) {
  auto snapshot = std::make_shared<const core::Product>(std::move(product));
  base::MutexLock lock(mutex_);
  ProductSnapshot& slot = products_[snapshot->name.product];
  if (slot == nullptr || slot->revision < snapshot->revision) {
    slot = std::move(snapshot);
  }
}

}  // namespace countersign::server
