#include "server/handlers/lookup.h"

#include <utility>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "core/access.h"
#include "core/errors.h"

namespace countersign::server {

absl::Status Refuse(const HandlerParts& parts, const Call& call,
                    const absl::Status& status) {
  if (!absl::IsPermissionDenied(status) && !absl::IsNotFound(status)) {
    return status;
  }
  return parts.desk.Deny(call, status);
}

absl::StatusOr<ProductSnapshot> SeeProduct(const HandlerParts& parts,
                                           const Call& call,
                                           const core::ProductName& name) {
  ASSIGN_OR_RETURN(ProductSnapshot product, parts.products.Get(name));
  if (product == nullptr ||
      !core::MaySeeProduct(*product, call.caller, *call.policy)) {
    return core::error::NotFound(name.Format());
  }
  return product;
}

absl::StatusOr<core::SigningRequest> SeeRequest(const HandlerParts& parts,
                                                const Call& call,
                                                const core::RequestName& name) {
  absl::StatusOr<core::SigningRequest> request = parts.store.GetRequest(name);
  const bool hidden =
      request.ok() && !core::MaySeeRequest(*request, call.caller, *call.policy);
  if (hidden || absl::IsNotFound(request.status())) {
    return core::error::NotFound(name.Format());
  }
  return request;
}

absl::StatusOr<ProductSnapshot> FindProduct(const HandlerParts& parts,
                                            const Call& call,
                                            const core::ProductName& name) {
  absl::StatusOr<ProductSnapshot> product = SeeProduct(parts, call, name);
  if (!product.ok()) return Refuse(parts, call, product.status());
  return product;
}

absl::StatusOr<core::SigningRequest> FindRequest(
    const HandlerParts& parts, const Call& call,
    const core::RequestName& name) {
  absl::StatusOr<core::SigningRequest> request = SeeRequest(parts, call, name);
  if (!request.ok()) return Refuse(parts, call, request.status());
  return request;
}

absl::StatusOr<FoundOperation> FindOperation(const HandlerParts& parts,
                                             const Call& call,
                                             const core::OperationName& name) {
  absl::StatusOr<ProductSnapshot> product =
      SeeProduct(parts, call, name.product);
  FoundOperation found;
  if (product.ok()) {
    found.product = *std::move(product);
    found.operation = found.product->FindOperation(name.operation);
  } else if (!absl::IsNotFound(product.status())) {
    return product.status();
  }
  if (found.operation == nullptr) {
    return Refuse(parts, call, core::error::NotFound(name.Format()));
  }
  return found;
}

absl::StatusOr<FoundKey> FindKey(const HandlerParts& parts, const Call& call,
                                 absl::string_view name, KeyChoice choice) {
  if (!absl::StrContains(name, "/keyVersions/")) {
    ASSIGN_OR_RETURN(const core::OperationName operation,
                     core::OperationName::Parse(name));
    ASSIGN_OR_RETURN(const FoundOperation found,
                     FindOperation(parts, call, operation));
    const core::KeyVersion* key =
        choice == KeyChoice::kSigning
            ? found.operation->SigningKey(parts.clock.Now())
            : nullptr;
    if (key == nullptr) key = found.operation->NewestKey();
    if (key == nullptr) {
      return core::error::NoSigningKey(operation.Format());
    }
    return FoundKey{found.product, found.operation, key};
  }
  ASSIGN_OR_RETURN(const core::KeyVersionName version,
                   core::KeyVersionName::Parse(name));
  ASSIGN_OR_RETURN(const FoundOperation found,
                   FindOperation(parts, call, version.operation));
  const core::KeyVersion* key =
      found.operation->FindKeyVersion(version.version);
  if (key == nullptr) {
    return Refuse(parts, call, core::error::NotFound(version.Format()));
  }
  return FoundKey{found.product, found.operation, key};
}

}  // namespace countersign::server
