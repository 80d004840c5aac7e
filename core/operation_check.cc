#include "core/operation_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "core/errors.h"

namespace countersign::core {
namespace {

template <typename T>
bool Holds(const std::vector<T>& list, T value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <typename T>
std::string Listed(const std::vector<T>& list) {
  return absl::StrJoin(list, ", ", [](std::string* out, T value) {
    out->append(std::string(ToString(value)));
  });
}

}  // namespace

absl::Status CheckOperation(const Product& product, const Operation& operation,
                            const RequestContent& content) {
  if (product.state != ProductState::kActive) {
    return error::ProductNotActive(product.name.Format(),
                                   ToString(product.state));
  }
  if (!operation.enabled) {
    return error::OperationDisabled(operation.name.Format());
  }
  if (!Holds(operation.allowed_hashes, content.hash)) {
    return error::HashNotAllowed(ToString(content.hash),
                                 Listed(operation.allowed_hashes));
  }
  if (!Holds(operation.allowed_algorithms, content.algorithm) ||
      !Fits(operation.key_type, content.algorithm) ||
      !Fits(content.algorithm, content.hash)) {
    return error::AlgorithmNotAllowed(ToString(content.algorithm),
                                      Listed(operation.allowed_algorithms));
  }
  if (content.encoding == SignatureEncoding::kPem &&
      operation.type != OperationType::kDetachedSignature) {
    return error::EncodingNotPossible(operation.name.Format());
  }
  return absl::OkStatus();
}

absl::Status CheckKey(const Operation& operation, const KeyVersion* key,
                      SignatureEncoding encoding, absl::Time now) {
  if (key == nullptr || !key->MaySign(now)) {
    return error::NoSigningKey(operation.name.Format());
  }
  if (operation.type == OperationType::kDetachedSignature ||
      encoding == SignatureEncoding::kPem) {
    if (!key->chain.has_value()) {
      return error::ChainMissing(operation.name.Format());
    }
    if (now >= key->chain->not_after) {
      return error::ChainExpired(key->name.Format(), key->chain->not_after);
    }
  }
  return absl::OkStatus();
}

}  // namespace countersign::core
