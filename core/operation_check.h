// Whether an operation can sign something now: the same question when a request
// comes and at the moment of signing. Pure.
#ifndef COUNTERSIGN_CORE_OPERATION_CHECK_H_
#define COUNTERSIGN_CORE_OPERATION_CHECK_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::core {

// The product is ACTIVE, the operation enabled, hash, algorithm and encoding
// are among those allowed and fit the key.
absl::Status CheckOperation(const Product& product, const Operation& operation,
                            const RequestContent& content);

// The key version is there, enabled and in its time, and has a chain in force
// where one is handed out with the signature.
absl::Status CheckKey(const Operation& operation, const KeyVersion* key,
                      SignatureEncoding encoding, absl::Time now);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_OPERATION_CHECK_H_
