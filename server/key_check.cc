#include "server/key_check.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace countersign::server {
namespace {

absl::StatusOr<std::vector<core::Product>> ReadAll(core::Store& store) {
  std::vector<core::Product> products;
  core::ProductQuery query;
  do {
    ASSIGN_OR_RETURN(core::Page<core::Product> page, store.ListProducts(query));
    for (core::Product& product : page.items) {
      products.push_back(std::move(product));
    }
    query.cursor = std::move(page.next_cursor);
  } while (!query.cursor.empty());
  return products;
}

}  // namespace

std::vector<core::KeyVersion> KeysThatSign(
    const std::vector<core::Product>& products) {
  std::vector<core::KeyVersion> keys;
  for (const core::Product& product : products) {
    for (const core::Operation& operation : product.operations) {
      for (const core::KeyVersion& key : operation.key_versions) {
        if (key.state == core::KeyState::kEnabled) keys.push_back(key);
      }
    }
  }
  return keys;
}

bool KeyCheck::Run() {
  if (!left_.has_value()) {
    const auto products = ReadAll(store_);
    if (!products.ok()) return false;  // the sweeper says so
    left_ = KeysThatSign(*products);
  }
  std::vector<core::KeyVersion> unanswered;
  for (core::KeyVersion& key : *left_) {
    const absl::Status status = signer_.CheckKey(core::RefOf(key));
    if (status.ok()) continue;
    if (!absl::IsFailedPrecondition(status)) {
      unanswered.push_back(std::move(key));
      continue;
    }
    base::Log(base::Severity::kError, "key_unusable",
              {{"key", key.name.Format()},
               {"reason", base::GetReason(status)},
               {"error", std::string(status.message())}});
  }
  left_ = std::move(unanswered);
  return left_->empty();
}

}  // namespace countersign::server
