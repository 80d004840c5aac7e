#include "client/artifact/verify_descriptor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/hash_algorithm.h"
#include "client/artifact/normalisation.h"
#include "client/artifact/public_key.h"
#include "client/artifact/signature_algorithm.h"

namespace countersign::client {
namespace {

// What is trusted, read once.
struct Trust {
  std::string spki;                // empty: no key given
  std::vector<std::string> roots;  // DER; empty: none given
  absl::Time now;
};

absl::StatusOr<Trust> ReadTrust(const VerifyOptions& options) {
  Trust trust;
  trust.now = options.now;
  if (options.public_key_pem.empty() && options.roots_pem.empty()) {
    return BadInput("TRUST_MISSING",
                    "a public key or a root certificate is needed");
  }
  if (!options.public_key_pem.empty()) {
    ASSIGN_OR_RETURN(trust.spki, ReadPublicKey(options.public_key_pem));
  }
  if (!options.roots_pem.empty()) {
    ASSIGN_OR_RETURN(trust.roots, ReadCertificates(options.roots_pem));
  }
  return trust;
}

// The digest of the descriptor as it is now, which must be the recorded one.
absl::StatusOr<std::string> CheckDigest(const ComponentDescriptor& descriptor,
                                        const DigestSpec& digest) {
  ASSIGN_OR_RETURN(const HashAlgorithm hash,
                   ParseHashAlgorithm(digest.hash_algorithm));
  ASSIGN_OR_RETURN(const std::string normalised,
                   Normalise(descriptor, digest.normalisation_algorithm));
  std::string octets = HashOctets(hash, normalised);
  if (base::HexEncode(octets) != digest.value) {
    return BadInput(
        "DIGEST_MISMATCH",
        absl::StrCat("the component descriptor was changed after it was "
                     "signed: its digest is ",
                     base::HexEncode(octets), ", the signature is over ",
                     Quoted(digest.value)));
  }
  return octets;
}

// The signature of an entry, whatever its form.
absl::StatusOr<DetachedSignature> ReadValue(const DescriptorSignature& entry) {
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme,
                   ParseSignatureAlgorithm(entry.algorithm));
  if (entry.media_type == kMediaTypePem) {
    ASSIGN_OR_RETURN(DetachedSignature signature,
                     ParseDetachedSignature(entry.value));
    if (signature.scheme != scheme) {
      return BadInput(
          "SIGNATURE_UNREADABLE",
          absl::StrCat("the PEM header names ",
                       SignatureAlgorithmName(signature.scheme),
                       ", the signature's algorithm is ", entry.algorithm));
    }
    return signature;
  }
  ASSIGN_OR_RETURN(const std::string media_type, PlainMediaType(scheme));
  if (entry.media_type != media_type) {
    return BadInput(
        "SIGNATURE_UNREADABLE",
        absl::StrCat("media type ", Quoted(entry.media_type), " does not fit ",
                     entry.algorithm, "; wanted is ", media_type, " or ",
                     kMediaTypePem));
  }
  DetachedSignature signature;
  signature.scheme = scheme;
  absl::StatusOr<std::string> octets = base::HexDecode(entry.value);
  if (!octets.ok()) {
    return BadInput("SIGNATURE_UNREADABLE", octets.status().message());
  }
  signature.signature = *std::move(octets);
  return signature;
}

// `octets`: the digest that is signed.
absl::StatusOr<VerifiedSignature> VerifyValue(const DescriptorSignature& entry,
                                              const std::string& octets,
                                              const Trust& trust) {
  ASSIGN_OR_RETURN(const HashAlgorithm hash,
                   ParseHashAlgorithm(entry.digest.hash_algorithm));
  ASSIGN_OR_RETURN(const DetachedSignature signature, ReadValue(entry));
  if (!trust.spki.empty()) {
    RETURN_IF_ERROR(VerifyRawSignature(signature.signature, octets, hash,
                                       signature.scheme, trust.spki));
  }
  VerifiedSignature verified{entry.name, entry.digest, entry.algorithm, ""};
  if (!trust.roots.empty()) {
    RETURN_IF_ERROR(VerifyDetachedSignature(signature, octets, hash,
                                            trust.roots, trust.now));
    ASSIGN_OR_RETURN(verified.signer,
                     CertificateSubject(signature.certificates[0]));
  }
  return verified;
}

absl::StatusOr<VerifiedSignature> VerifyOne(
    const ComponentDescriptor& descriptor, const DescriptorSignature& entry,
    const Trust& trust) {
  ASSIGN_OR_RETURN(const std::string octets,
                   CheckDigest(descriptor, entry.digest));
  return VerifyValue(entry, octets, trust);
}

}  // namespace

absl::StatusOr<std::vector<VerifiedSignature>> VerifyDescriptor(
    const ComponentDescriptor& descriptor, const VerifyOptions& options) {
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(options));
  std::vector<DescriptorSignature> entries = descriptor.signatures();
  if (options.name.has_value()) {
    ASSIGN_OR_RETURN(DescriptorSignature entry,
                     descriptor.FindSignature(*options.name));
    entries = {std::move(entry)};
  } else if (entries.empty()) {
    return ArtifactError(absl::StatusCode::kFailedPrecondition, "NO_SIGNATURES",
                         "the component descriptor has no signature");
  }
  std::vector<VerifiedSignature> verified;
  for (const DescriptorSignature& entry : entries) {
    // A second one of the name would stand in the shade of the first.
    RETURN_IF_ERROR(descriptor.FindSignature(entry.name).status());
    absl::StatusOr<VerifiedSignature> one = VerifyOne(descriptor, entry, trust);
    if (!one.ok()) {
      return base::Annotate(one.status(),
                            absl::StrCat("signature ", Quoted(entry.name)));
    }
    verified.push_back(*std::move(one));
  }
  return verified;
}

absl::StatusOr<VerifiedSignature> VerifySignatureEntry(
    const DescriptorSignature& entry, const VerifyOptions& options) {
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(options));
  const absl::StatusOr<std::string> octets =
      base::HexDecode(entry.digest.value);
  if (!octets.ok()) {
    return BadInput("SIGNATURE_UNREADABLE", octets.status().message());
  }
  return VerifyValue(entry, *octets, trust);
}

}  // namespace countersign::client
