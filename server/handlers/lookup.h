// Reading with the caller's eyes: what is absent and what may not be seen gives
// the same NOT_FOUND, and a refused look is recorded before it is told. For
// handlers; flows look for themselves.
#ifndef COUNTERSIGN_SERVER_HANDLERS_LOOKUP_H_
#define COUNTERSIGN_SERVER_HANDLERS_LOOKUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/names.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "server/front_desk.h"
#include "server/handlers/parts.h"
#include "server/pipeline/product_cache.h"

namespace countersign::server {

// Records PERMISSION_DENIED and NOT_FOUND, then gives them back; other codes
// pass. Blocks.
absl::Status Refuse(const HandlerParts& parts, const Call& call,
                    const absl::Status& status);

// Pure looks, nothing recorded: for calls that must not block on a record.
absl::StatusOr<ProductSnapshot> SeeProduct(const HandlerParts& parts,
                                           const Call& call,
                                           const core::ProductName& name);
absl::StatusOr<core::SigningRequest> SeeRequest(const HandlerParts& parts,
                                                const Call& call,
                                                const core::RequestName& name);

// With the record of a refusal. All block on the disk.
absl::StatusOr<ProductSnapshot> FindProduct(const HandlerParts& parts,
                                            const Call& call,
                                            const core::ProductName& name);
absl::StatusOr<core::SigningRequest> FindRequest(const HandlerParts& parts,
                                                 const Call& call,
                                                 const core::RequestName& name);

// An operation, in the product that holds it.
struct FoundOperation {
  ProductSnapshot product;
  const core::Operation* operation = nullptr;  // in *product
};
absl::StatusOr<FoundOperation> FindOperation(const HandlerParts& parts,
                                             const Call& call,
                                             const core::OperationName& name);

// A key version by its own name, or by its operation's.
struct FoundKey {
  ProductSnapshot product;
  const core::Operation* operation = nullptr;
  const core::KeyVersion* key = nullptr;
};
// Which key an operation's name stands for, now.
enum class KeyChoice { kSigning, kNewest };
// FAILED_PRECONDITION NO_ENABLED_KEY for an operation without keys.
absl::StatusOr<FoundKey> FindKey(const HandlerParts& parts, const Call& call,
                                 absl::string_view name, KeyChoice choice);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_LOOKUP_H_
