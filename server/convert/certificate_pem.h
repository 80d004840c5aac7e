// Certificate chains and signatures as PEM text. The form of a detached
// signature is the one that OCM's tools read: a SIGNATURE block with its
// algorithm as a header, then the leaf, then its issuers. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_CERTIFICATE_PEM_H_
#define COUNTERSIGN_SERVER_CONVERT_CERTIFICATE_PEM_H_

#include <string>

#include "absl/strings/string_view.h"
#include "core/algorithms.h"
#include "core/product.h"

namespace countersign::server {

// CERTIFICATE blocks, leaf first; empty where there is none.
std::string ChainPem(const core::CertificateChain& chain);

// The SIGNATURE block and then the chain.
std::string SignaturePem(absl::string_view signature,
                         core::SignatureAlgorithm algorithm,
                         const core::CertificateChain& chain);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_CERTIFICATE_PEM_H_
