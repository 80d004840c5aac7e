// VerifyForOcm of ocm_signing.h: which trust counts, and what it says.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/public_key.h"
#include "client/artifact/signature_algorithm.h"
#include "client/cli/resource_names.h"
#include "client/plugins/ocm_signing.h"

namespace countersign::client {
namespace {

constexpr size_t kMostTrust = 1 << 20;

// Keys (SPKI, DER), or certificates: roots are those that are self-signed.
struct Trust {
  std::vector<std::string> keys;
  std::vector<std::string> roots;
  std::vector<std::string> intermediates;
};

absl::Status Invalid(const char* reason, absl::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, what,
                         Because(reason));
}

absl::StatusOr<Trust> ReadTrust(const std::string& pem) {
  Trust trust;
  if (!absl::StrContains(pem, "-----BEGIN CERTIFICATE-----")) {
    ASSIGN_OR_RETURN(std::string key, ReadPublicKey(pem));
    trust.keys.push_back(std::move(key));
    return trust;
  }
  ASSIGN_OR_RETURN(std::vector<std::string> certificates,
                   ReadCertificates(pem));
  for (std::string& der : certificates) {
    (IsSelfSigned(der) ? trust.roots : trust.intermediates)
        .push_back(std::move(der));
  }
  if (trust.roots.empty()) {
    // A signer's own certificate: its key is what is trusted.
    ASSIGN_OR_RETURN(std::string key, CertificateSpki(trust.intermediates[0]));
    trust.keys.push_back(std::move(key));
  }
  return trust;
}

// The operation's enabled keys, also those that sign no more: a rotation leaves
// them enabled. One that was disabled or destroyed may have been lost, so who
// trusts it still has to name it.
absl::StatusOr<Trust> TrustOfOperation(const PluginWorld& world,
                                       const OcmSpec& spec) {
  ASSIGN_OR_RETURN(
      const auto connection,
      ConnectToServer(world, spec.client_context, absl::InfiniteDuration()));
  ASSIGN_OR_RETURN(const std::string operation,
                   OperationNameFrom(spec.operation));
  ASSIGN_OR_RETURN(const std::vector<v1::KeyVersion> versions,
                   KeyClient(*connection).List(operation));
  Trust trust;
  for (const v1::KeyVersion& version : versions) {
    if (version.state() != v1::KeyVersion::ENABLED) continue;
    ASSIGN_OR_RETURN(std::string key, ReadPublicKey(version.public_key_pem()));
    trust.keys.push_back(std::move(key));
  }
  return trust;
}

// What the user wrote is stronger than what the credentials say.
absl::StatusOr<Trust> FindTrust(const PluginWorld& world, const OcmSpec& spec,
                                const OcmTrust& credentials) {
  for (const auto& [pem, file] :
       {std::pair(spec.trust_pem, spec.trust_file),
        std::pair(credentials.pem, credentials.file)}) {
    if (!pem.empty()) return ReadTrust(pem);
    if (file.empty()) continue;
    ASSIGN_OR_RETURN(const std::string text, base::ReadFile(file, kMostTrust));
    const absl::StatusOr<Trust> trust = ReadTrust(text);
    if (!trust.ok()) return base::Annotate(trust.status(), file);
    return trust;
  }
  if (!spec.operation.empty()) return TrustOfOperation(world, spec);
  return Invalid("TRUST_MISSING",
                 "nothing says whom to trust: give rootCertificatesPEMFile, "
                 "publicKeyPEMFile or operation in the verifier specification, "
                 "or credentials with one of the first two");
}

absl::Status VerifyWithKeys(absl::string_view signature,
                            const OcmVerifyCall& call,
                            base::SignatureScheme scheme,
                            const std::vector<std::string>& keys) {
  absl::Status last =
      Invalid("SIGNATURE_INVALID", "the operation has no enabled key");
  for (const std::string& key : keys) {
    last = VerifyRawSignature(signature, call.digest, call.hash, scheme, key);
    if (last.ok()) return last;
  }
  return last;
}

absl::Status VerifyPlain(const OcmVerifyCall& call, const Trust& trust) {
  ASSIGN_OR_RETURN(const base::SignatureScheme scheme,
                   ParseSignatureAlgorithm(call.algorithm));
  ASSIGN_OR_RETURN(const std::string expected, PlainMediaType(scheme));
  if (call.media_type != expected) {
    return Invalid(
        "SIGNATURE_UNREADABLE",
        absl::StrCat("media type \"", base::EscapeForDisplay(call.media_type),
                     "\" does not go with ", call.algorithm));
  }
  if (trust.keys.empty()) {
    return Invalid("TRUST_MISSING",
                   "a plain signature has no certificate: a root cannot vouch "
                   "for it, give publicKeyPEMFile");
  }
  const auto octets = base::HexDecode(call.value);
  if (!octets.ok()) {
    return Invalid("SIGNATURE_UNREADABLE", "the value is no hexadecimal");
  }
  return VerifyWithKeys(*octets, call, scheme, trust.keys);
}

absl::Status VerifyPem(const PluginWorld& world, const OcmVerifyCall& call,
                       const Trust& trust) {
  ASSIGN_OR_RETURN(DetachedSignature detached,
                   ParseDetachedSignature(call.value));
  if (SignatureAlgorithmName(detached.scheme) != call.algorithm) {
    return Invalid("SIGNATURE_INVALID",
                   absl::StrCat("the PEM text is ",
                                SignatureAlgorithmName(detached.scheme),
                                ", the descriptor says ",
                                base::EscapeForDisplay(call.algorithm)));
  }
  if (trust.roots.empty()) {
    return VerifyWithKeys(detached.signature, call, detached.scheme,
                          trust.keys);
  }
  detached.certificates.insert(detached.certificates.end(),
                               trust.intermediates.begin(),
                               trust.intermediates.end());
  return VerifyDetachedSignature(detached, call.digest, call.hash, trust.roots,
                                 world.clock.Now());
}

}  // namespace

absl::Status VerifyForOcm(const PluginWorld& world, const OcmVerifyCall& call,
                          const OcmTrust& credentials) {
  ASSIGN_OR_RETURN(const Trust trust, FindTrust(world, call.spec, credentials));
  return call.media_type == kMediaTypePem ? VerifyPem(world, call, trust)
                                          : VerifyPlain(call, trust);
}

}  // namespace countersign::client
