#include "core/new_key.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "core/product_events.h"

namespace countersign::core {
namespace {

// Numbers are not used again while a later version is there.
int64_t NextVersion(const Operation& operation) {
  return operation.key_versions.empty()
             ? 1
             : operation.key_versions.back().name.version + 1;
}

std::vector<std::string> TokensOf(const Product& product,
                                  const Policy& policy) {
  const std::string& token =
      product.token.empty() ? policy.default_token : product.token;
  if (token.empty()) return {};
  return {token};
}

KeyVersion Next(const Operation& operation, absl::Time now) {
  KeyVersion key;
  key.name = KeyVersionName{operation.name, NextVersion(operation)};
  key.type = operation.key_type;
  key.create_time = now;
  key.max_signatures = operation.max_signatures_per_key;
  return key;
}

}  // namespace

KeyVersion KeyToMake(const Product& product, const Operation& operation,
                     const Policy& policy, std::string key_id, absl::Time now) {
  KeyVersion key = Next(operation, now);
  key.key_id = std::move(key_id);
  key.label = key.name.Format();
  key.tokens = TokensOf(product, policy);
  return key;
}

KeyVersion KeyToRegister(const Product& product, const Operation& operation,
                         const Policy& policy, const ExistingKey& existing,
                         absl::Time now) {
  KeyVersion key = Next(operation, now);
  key.registered = true;
  key.key_id = existing.key_id;
  key.label = existing.label;
  key.tokens =
      existing.tokens.empty() ? TokensOf(product, policy) : existing.tokens;
  return key;
}

Event AddKeyVersion(KeyVersion key, Operation& operation,
                    const Principal& actor, absl::Time now) {
  Event event = KeyEvent(
      key.registered ? EventType::kKeyRegistering : EventType::kKeyGenerating,
      key, actor, now);
  operation.key_versions.push_back(std::move(key));
  return event;
}

}  // namespace countersign::core
