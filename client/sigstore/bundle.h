// Sigstore bundles (protobuf-specs, sigstore_bundle.proto, in its JSON form):
// one signature with what is needed to check it. Written as v0.3; read as v0.1
// to v0.3, and the single-member form that cosign 2 wrote for files. What
// stands in log entries and timestamps is not looked at. Called by the image,
// blob and attestation commands. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_BUNDLE_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_BUNDLE_H_

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/artifact/hash_algorithm.h"

namespace countersign::client {

inline constexpr char kBundleMediaType[] =
    "application/vnd.dev.sigstore.bundle.v0.3+json";
// How every media type of a bundle begins.
inline constexpr char kBundleMediaTypePrefix[] =
    "application/vnd.dev.sigstore.bundle";

// Over the octets of a file, whose digest is there too.
struct MessageSignature {
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string digest;  // empty in cosign 2's own form only
  std::string signature;
};

// Over PreAuthenticationEncoding(payload_type, payload).
struct DsseEnvelope {
  std::string payload;
  std::string payload_type;
  std::string signature;
};

// A bare key; the hint is checked by nobody.
struct BundleKey {
  std::string hint;
};

// DER, leaf first. v0.3 has the leaf alone.
struct BundleCertificates {
  std::vector<std::string> certificates;
};

struct SigstoreBundle {
  std::string media_type = kBundleMediaType;
  std::variant<BundleKey, BundleCertificates> material;
  std::variant<MessageSignature, DsseEnvelope> content;
  bool has_timestamp = false;  // RFC 3161; read only

  // The octets of the signature.
  const std::string& signature() const;
  // Empty for a bare key.
  std::vector<std::string> certificates() const;
};

// What cosign writes as hint: base64 of the SHA-256 of the SPKI (DER).
std::string KeyHint(absl::string_view spki_der);

// On one line, without newline. BundleCertificates must hold the leaf alone.
std::string FormatBundle(const SigstoreBundle& bundle);

constexpr size_t kMaxBundleBytes = 64 << 20;

// INVALID_ARGUMENT (BUNDLE_UNREADABLE) names the member that is wrong, unknown
// members too: verifiers refuse them.
absl::StatusOr<SigstoreBundle> ParseBundle(absl::string_view text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_BUNDLE_H_
