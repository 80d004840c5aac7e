// Making an entry of a descriptor's list of signatures: the digest that is to
// be signed, and the entry from what the signer answered. Defaults are those
// that both OCM tools verify: jsonNormalisation/v3, SHA-256, RSASSA-PKCS1-V1_5
// as hex or any RSA scheme as PEM, no issuer. Called by the CLI around its sign
// request; descriptor_writer puts the entry into the text. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_SIGNATURE_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/signature_verifier.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/hash_algorithm.h"
#include "client/artifact/normalisation.h"

namespace countersign::client {

struct DescriptorDigest {
  DigestSpec spec;         // as it is written into the entry
  std::string octets;      // what is signed
  std::string normalised;  // the exact bytes that were hashed
};

// Errors as Normalise.
absl::StatusOr<DescriptorDigest> DigestOfDescriptor(
    const ComponentDescriptor& descriptor,
    NormalisationAlgorithm normalisation = NormalisationAlgorithm::kJsonV3,
    HashAlgorithm hash = HashAlgorithm::kSha256);

// FAILED_PRECONDITION (SIGNATURE_EXISTS) where the descriptor has a signature
// of that name and `force` is not set; INVALID_ARGUMENT for an empty name.
// Check before asking anybody to sign.
absl::Status CheckSignatureName(const ComponentDescriptor& descriptor,
                                absl::string_view name, bool force);

// Plain form: hex of the raw octets. RSA only.
absl::StatusOr<DescriptorSignature> MakePlainSignature(
    absl::string_view name, const DigestSpec& digest,
    base::SignatureScheme scheme, absl::string_view signature);

// PEM form. RSA only. At least the leaf must be there.
absl::StatusOr<DescriptorSignature> MakePemSignature(
    absl::string_view name, const DigestSpec& digest,
    const DetachedSignature& signature);

// What may surprise about the certificates, one sentence each: the classic OCM
// CLI wants the leaf's common name to be the signature's name.
std::vector<std::string> PemWarnings(absl::string_view name,
                                     const DetachedSignature& signature);

// Whether the classic OCM CLI takes the leaf certificate (DER) for a signature
// of that name: the name is the leaf's common name, or a distinguished name
// ("CN=release,O=ACME") of which the subject has every part.
// FAILED_PRECONDITION (SIGNATURE_NAME_MISMATCH) names both.
absl::Status CheckLeafName(absl::string_view name, absl::string_view leaf);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_SIGNATURE_H_
