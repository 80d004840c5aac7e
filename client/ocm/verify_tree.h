// Verification of component versions with all that they refer to: content
// against digests, digests against references, and the signatures over them.
// Findings are gathered, so that people see everything that is wrong. Called by
// the command `verify component-version`.
#ifndef COUNTERSIGN_CLIENT_OCM_VERIFY_TREE_H_
#define COUNTERSIGN_CLIENT_OCM_VERIFY_TREE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/ocm/tree_digest.h"

namespace countersign::client {

// PEM texts. A signature must be good by one of them.
struct TrustAnchors {
  std::vector<std::string> public_keys;  // keys or certificates
  std::vector<std::string> roots;
  absl::Time now;
};

struct SignatureFinding {
  DescriptorSignature signature;
  absl::Status status;  // OK: good
  // The leaf's subject; empty for a bare key.
  std::string signer;
  std::string note;
};

struct VersionReport {
  ComponentId id;
  std::string repository;
  DigestSpec digest;  // jsonNormalisation/v3, SHA-256, or as it was signed
  std::vector<ContentFinding> resources;     // as in the descriptor
  std::vector<ReferenceFinding> references;  // as in the descriptor
  // Those that were asked for. None where this is no root and only roots are
  // looked at.
  std::vector<SignatureFinding> signatures;
};

struct TreeReport {
  std::vector<VersionReport> versions;  // as in the tree
  // OK where everything holds, else the first thing that does not, with how
  // many there are: DIGEST_MISMATCH, SIGNATURE_INVALID, CERTIFICATE_UNTRUSTED,
  // SIGNATURE_NOT_FOUND, NO_SIGNATURES, SIGNATURE_UNREADABLE.
  absl::Status status;
};

struct VerifyTreeOptions {
  std::vector<std::string> names;  // empty: all, and one must be there
  bool recursive = false;          // the signatures of every version
  TrustAnchors trust;
};

// Errors are those of reading; what does not hold is in the report.
absl::StatusOr<TreeReport> VerifyTree(TreeDigest& digests,
                                      const VerifyTreeOptions& options);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_OCM_VERIFY_TREE_H_
