// What X.509 calls an algorithm that signs (RFC 5280 4.1.1.2). Pure.
#ifndef COUNTERSIGN_CORE_ALGORITHM_IDENTIFIER_H_
#define COUNTERSIGN_CORE_ALGORITHM_IDENTIFIER_H_

#include <string>

#include "core/algorithms.h"

namespace countersign::core {

// AlgorithmIdentifier, DER (RFC 4055, 5758, 8410). The two fit together
// (algorithms.h).
std::string AlgorithmIdentifier(SignatureAlgorithm algorithm,
                                HashAlgorithm hash);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_ALGORITHM_IDENTIFIER_H_
