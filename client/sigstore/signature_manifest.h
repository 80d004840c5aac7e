// The OCI manifest below the tag "sha256-<hex>.sig": one layer for each
// simple-signing signature, and an image configuration with one diff_id and one
// history entry for each. A new one has the octets that cosign would write; to
// one that is there a layer is added and all else stays. Called by
// image_signatures.h and push_signature.h. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_MANIFEST_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_MANIFEST_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace countersign::client {

inline constexpr char kSimpleSigningMediaType[] =
    "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr char kImageManifestMediaType[] =
    "application/vnd.oci.image.manifest.v1+json";

struct SignatureLayer {
  std::string payload_digest;   // "sha256:<64 hex>"
  uint64_t payload_size = 0;    // octets
  std::string signature;        // base64, as it stands there
  std::string certificate_pem;  // leaf; may be empty
  std::string chain_pem;        // its issuer first, the root last; may be empty
};

// "sha256:<hex>" to "sha256-<hex>.sig".
std::string SignatureTag(absl::string_view image_digest);

// Thread-compatible.
class SignatureManifest {
 public:
  // Without layers, as the first signature finds it.
  SignatureManifest();
  // INVALID_ARGUMENT (SIGNATURE_MANIFEST_UNREADABLE). A configuration that is
  // none of an image is kept as it is.
  static absl::StatusOr<SignatureManifest> Parse(absl::string_view manifest,
                                                 absl::string_view config);
  // The digest of its configuration, which Parse needs too.
  static absl::StatusOr<std::string> ConfigDigest(absl::string_view manifest);

  // Layers of the right media type that carry a signature.
  std::vector<SignatureLayer> layers() const;
  // True where a layer has this payload and this signature.
  bool Holds(const SignatureLayer& layer) const;
  // INVALID_ARGUMENT (TOO_MANY_SIGNATURES) at 1000: cosign reads no more.
  absl::Status Append(const SignatureLayer& layer);

  std::string Manifest() const;
  const std::string& Config() const { return config_; }

 private:
  SignatureManifest(base::Json manifest, std::string config)
      : manifest_(std::move(manifest)), config_(std::move(config)) {}
  void SetConfig(const base::Json& config);

  base::Json manifest_;
  std::string config_;  // its octets
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_SIGNATURE_MANIFEST_H_
