// Signatures of a token's key over whole messages, for requests and for trying
// a key out: through libp11 and OpenSSL where libp11 gives the key, otherwise
// by our own calls (Ed25519, and every key beside one).
#ifndef COUNTERSIGN_HSM_CEREMONY_MESSAGE_SIGNER_H_
#define COUNTERSIGN_HSM_CEREMONY_MESSAGE_SIGNER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"
#include "core/algorithms.h"
#include "hsm/ceremony/open_token.h"
#include "hsm/ceremony/token_key.h"

namespace countersign::hsm {

// Single-thread. Dies before the token does.
class MessageSigner {
 public:
  // Blocks.
  static absl::StatusOr<MessageSigner> Create(OpenToken& token,
                                              const TokenKey& key);

  // With the customary hash and CsrAlgorithm: PKCS#1 v1.5, ECDSA as DER, or
  // Ed25519. Blocks. Not verified yet.
  absl::StatusOr<std::string> Sign(absl::string_view message);

  core::HashAlgorithm hash() const { return hash_; }
  // Whether libp11 gave the key.
  bool by_libp11() const { return private_key_ != nullptr; }

 private:
  MessageSigner(OpenToken& token, const TokenKey& key,
                base::EvpPkeyPtr private_key)
      : token_(token),
        key_(key),
        hash_(core::DefaultHash(key.ref.type)),
        private_key_(std::move(private_key)) {}

  OpenToken& token_;
  const TokenKey& key_;
  core::HashAlgorithm hash_;
  base::EvpPkeyPtr private_key_;  // null: our own call
};

// With OpenSSL alone, against the SPKI. INTERNAL WRONG_SIGNATURE.
absl::Status VerifyMessage(const core::KeyRef& key, core::HashAlgorithm hash,
                           absl::string_view message,
                           absl::string_view signature);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_MESSAGE_SIGNER_H_
