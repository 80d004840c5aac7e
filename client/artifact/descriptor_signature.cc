#include "client/artifact/descriptor_signature.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/signature_algorithm.h"

namespace countersign::client {

absl::StatusOr<DescriptorDigest> DigestOfDescriptor(
    const ComponentDescriptor& descriptor, NormalisationAlgorithm normalisation,
    HashAlgorithm hash) {
  DescriptorDigest digest;
  ASSIGN_OR_RETURN(digest.normalised, Normalise(descriptor, normalisation));
  digest.octets = HashOctets(hash, digest.normalised);
  digest.spec.hash_algorithm = HashName(hash);
  digest.spec.normalisation_algorithm = NormalisationName(normalisation);
  digest.spec.value = base::HexEncode(digest.octets);
  return digest;
}

absl::Status CheckSignatureName(const ComponentDescriptor& descriptor,
                                absl::string_view name, bool force) {
  if (name.empty() || !base::IsValidUtf8(name) ||
      base::EscapeForDisplay(name) != name) {
    return BadInput("SIGNATURE_NAME_INVALID",
                    absl::StrCat("a signature's name is printable text, not ",
                                 Quoted(name)));
  }
  if (force) return absl::OkStatus();
  for (const DescriptorSignature& signature : descriptor.signatures()) {
    if (signature.name != name) continue;
    return ArtifactError(
        absl::StatusCode::kFailedPrecondition, "SIGNATURE_EXISTS",
        absl::StrCat("the component descriptor has a signature named ",
                     Quoted(name), "; --force replaces it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<DescriptorSignature> MakePlainSignature(
    absl::string_view name, const DigestSpec& digest,
    base::SignatureScheme scheme, absl::string_view signature) {
  if (signature.empty()) {
    return BadInput("SIGNATURE_UNREADABLE", "the signature is empty");
  }
  DescriptorSignature entry;
  entry.name = std::string(name);
  entry.digest = digest;
  entry.algorithm = SignatureAlgorithmName(scheme);
  ASSIGN_OR_RETURN(entry.media_type, PlainMediaType(scheme));
  entry.value = base::HexEncode(signature);
  return entry;
}

absl::StatusOr<DescriptorSignature> MakePemSignature(
    absl::string_view name, const DigestSpec& digest,
    const DetachedSignature& signature) {
  RETURN_IF_ERROR(PlainMediaType(signature.scheme).status());  // RSA only
  if (signature.certificates.empty()) {
    return BadInput("SIGNATURE_UNREADABLE",
                    "the PEM form needs the signer's certificate");
  }
  DescriptorSignature entry;
  entry.name = std::string(name);
  entry.digest = digest;
  entry.algorithm = SignatureAlgorithmName(signature.scheme);
  entry.media_type = kMediaTypePem;
  entry.value = FormatDetachedSignature(signature);
  return entry;
}

std::vector<std::string> PemWarnings(absl::string_view name,
                                     const DetachedSignature& signature) {
  std::vector<std::string> warnings;
  if (signature.certificates.empty()) return warnings;
  const absl::StatusOr<std::string> common_name =
      CertificateCommonName(signature.certificates[0]);
  if (common_name.ok() && *common_name != name) {
    warnings.push_back(absl::StrCat(
        "the certificate's common name ", Quoted(*common_name),
        " is not the signature's name ", Quoted(name),
        ": the classic OCM CLI will not verify it with a root certificate"));
  }
  if (IsSelfSigned(signature.certificates[0])) {
    warnings.push_back(
        "the certificate is self-signed: the new OCM CLI refuses those");
  }
  return warnings;
}

absl::Status CheckLeafName(absl::string_view name, absl::string_view leaf) {
  ASSIGN_OR_RETURN(const std::string common_name, CertificateCommonName(leaf));
  if (name == common_name) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string subject, CertificateSubject(leaf));
  // The separators that the OCM CLI knows; it knows no escapes.
  const std::vector<std::string> parts =
      absl::StrSplit(subject, absl::ByAnyChar(",+"));
  bool contained = absl::StrContains(name, '=');
  for (absl::string_view part : absl::StrSplit(name, absl::ByAnyChar("/;,+"))) {
    part = absl::StripAsciiWhitespace(part);
    contained =
        contained && std::find(parts.begin(), parts.end(), part) != parts.end();
  }
  if (contained) return absl::OkStatus();
  return ArtifactError(
      absl::StatusCode::kFailedPrecondition, "SIGNATURE_NAME_MISMATCH",
      absl::StrCat("the signature's name is ", Quoted(name),
                   ", the certificate's common name ", Quoted(common_name),
                   ": the classic OCM CLI will not verify the signature with a "
                   "root certificate"));
}

}  // namespace countersign::client
