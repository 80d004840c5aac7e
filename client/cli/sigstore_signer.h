// Signatures in sigstore's formats from an operation: finds its key fit for
// them, asks for all octets in one request, and hands out nothing that the key
// does not verify. The same question asked again finds its first request.
// Called by `sign image`, `sign attestation`, `sign blob --bundle`.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGSTORE_SIGNER_H_
#define COUNTERSIGN_CLIENT_CLI_SIGSTORE_SIGNER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/signature_verifier.h"
#include "client/cli/await_signature.h"
#include "client/cli/pinned_key.h"
#include "client/cli/session.h"
#include "client/cli/sign_options.h"

namespace countersign::client {

// One digest of the request.
struct OctetsToSign {
  std::string sha256;  // 32 octets
  std::string label;   // cut to what the server takes
};

struct SigstoreSignatures {
  std::vector<std::string> values;  // as asked
  absl::Time signed_at;
};

// Thread-compatible. Blocks on the server.
class SigstoreSigner {
 public:
  // INVALID_ARGUMENT (KEY_UNSUPPORTED) where released verifiers would refuse
  // the operation's signatures, also for an --algorithm that is not the key's;
  // errors of FetchKey and MakeAsk.
  static absl::StatusOr<SigstoreSigner> Create(Session& session,
                                               const SignOptions& options);

  const PinnedKey& key() const { return key_; }
  // DER, leaf first; empty for a bare key.
  const std::vector<std::string>& certificates() const { return certificates_; }
  const std::string& operation() const { return ask_.request.parent(); }

  // For who must agree. What the user typed wins over this; empty values are
  // left out, long ones cut.
  void Describe(const std::string& description);
  void AddContext(const std::string& key, const std::string& value);

  // nullopt with --no-wait: the request's name was printed. `kind` is "image",
  // "attestation" or "blob". Errors are those of AwaitSignature, with what to
  // do where the operation allows no SHA-256; INVALID_ARGUMENT
  // (CONTEXT_TOO_LARGE); DATA_LOSS (SIGNATURE_INVALID)
  // where the key does not verify; ABORTED (KEY_CHANGED).
  absl::StatusOr<std::optional<SigstoreSignatures>> Sign(
      Session& session, const std::string& kind,
      const std::vector<OctetsToSign>& octets);

 private:
  SigstoreSigner() = default;

  absl::Status ExplainHash(const absl::Status& refused) const;
  absl::Status Check(const v1::SigningRequest& request) const;

  Ask ask_;
  PinnedKey key_;
  base::SignatureScheme scheme_ = base::SignatureScheme::kEcdsa;
  std::vector<std::string> certificates_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGSTORE_SIGNER_H_
