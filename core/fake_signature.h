// What FakeSigner's keys do: a real signature by OpenSSL, in the form that a
// job asks for. Pure, but for the chance in it.
#ifndef COUNTERSIGN_CORE_FAKE_SIGNATURE_H_
#define COUNTERSIGN_CORE_FAKE_SIGNATURE_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/openssl.h"
#include "core/signer.h"

namespace countersign::core {

// Of one digest of `job`, which fits the key. INTERNAL with OpenSSL's reason.
absl::StatusOr<std::string> SignDigest(EVP_PKEY* key, const SignJob& job,
                                       const std::string& digest);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_FAKE_SIGNATURE_H_
