// Digests as OCI spells them: "sha256:<64 hex>", "sha512:<128 hex>" (OCI Image
// Specification 1.1, descriptor.md "Digests"). Called by everything in this
// room. Pure.
#ifndef COUNTERSIGN_CLIENT_OCI_OCI_DIGEST_H_
#define COUNTERSIGN_CLIENT_OCI_OCI_DIGEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace countersign::client {

// True for the two algorithms above with lower-case digits of the right number.
bool IsOciDigest(absl::string_view text);

// "sha256:<hex>" of the octets.
std::string OciDigestOf(absl::string_view octets);

// True where `octets` have that digest, by its own algorithm. `digest` must be
// one (IsOciDigest).
bool HasOciDigest(absl::string_view octets, absl::string_view digest);

// Hashes octets that come in pieces with the algorithm of a digest.
class DigestStream {
 public:
  // `digest` must be one (IsOciDigest).
  explicit DigestStream(absl::string_view digest);
  void Update(absl::string_view octets) { hash_.Update(octets); }
  // In the same spelling; once.
  std::string Finish();

 private:
  std::string algorithm_;
  base::StreamingDigest hash_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCI_OCI_DIGEST_H_
