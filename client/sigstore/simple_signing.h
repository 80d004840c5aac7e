// The simple-signing payload: the JSON text whose SHA-256 is signed for an
// image in cosign's older format (tag "sha256-<hex>.sig"). Written exactly as
// `cosign generate` writes it; read as leniently as `cosign verify` reads it.
// Called by `sign image` and `verify image`. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_SIMPLE_SIGNING_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_SIMPLE_SIGNING_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace countersign::client {

using ImageAnnotations = std::map<std::string, std::string>;

struct SimpleSigning {
  std::string docker_reference;  // "registry.example/app": no tag
  std::string manifest_digest;   // "sha256:<64 hex>"
  ImageAnnotations annotations;  // "optional"; not its members that are no text
};

// No blank and no newline at the end. INVALID_ARGUMENT (ANNOTATION_MALFORMED)
// for annotations that CheckAnnotations refuses, (DIGEST_UNSUPPORTED) for
// another digest than SHA-256.
absl::StatusOr<std::string> FormatSimpleSigning(const SimpleSigning& content);

// INVALID_ARGUMENT (PAYLOAD_UNREADABLE) where the digest is missing or it is no
// JSON. Type and reference are as they are: cosign does not look at them.
absl::StatusOr<SimpleSigning> ParseSimpleSigning(absl::string_view payload);

// To 24 of them, keys to 53 and values to 1024 octets, UTF-8, no control
// characters: what an approver can be shown whole, each as an entry
// "annotation.KEY" of the request's context.
absl::Status CheckAnnotations(const ImageAnnotations& annotations);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_SIMPLE_SIGNING_H_
