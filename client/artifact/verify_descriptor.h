// Verification of the signatures of a component descriptor, offline: the digest
// is computed again, compared, and the signature checked with a public key or
// traced to a root certificate. The content of resources is not looked at.
// Called by the CLI. Pure: `now` is an argument.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_VERIFY_DESCRIPTOR_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_VERIFY_DESCRIPTOR_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/artifact/component_descriptor.h"

namespace countersign::client {

struct VerifyOptions {
  // The signature to verify; nullopt: all, and at least one must be there.
  std::optional<std::string> name;
  // PEM; one of the two must be given. With both, a signature must pass both.
  std::string public_key_pem;  // key or certificate
  std::string roots_pem;       // trusted root certificates, for PEM signatures
  absl::Time now;
};

struct VerifiedSignature {
  std::string name;
  DigestSpec digest;
  std::string algorithm;
  std::string signer;  // the leaf's subject; empty for a bare key
};

// All or nothing. NOT_FOUND (SIGNATURE_NOT_FOUND), FAILED_PRECONDITION
// (NO_SIGNATURES), INVALID_ARGUMENT: DIGEST_MISMATCH, SIGNATURE_INVALID,
// SIGNATURE_UNREADABLE, CERTIFICATE_UNTRUSTED and the reasons of Normalise. The
// message begins with the signature's name.
absl::StatusOr<std::vector<VerifiedSignature>> VerifyDescriptor(
    const ComponentDescriptor& descriptor, const VerifyOptions& options);

// One entry against the digest that it names itself (entry.digest.value): for
// callers that have compared that with the component version. `options.name` is
// not looked at. Errors as above without DIGEST_MISMATCH; the message does not
// name the signature.
absl::StatusOr<VerifiedSignature> VerifySignatureEntry(
    const DescriptorSignature& entry, const VerifyOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_VERIFY_DESCRIPTOR_H_
