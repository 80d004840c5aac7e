// A CA's own certificate, signed by its own key (RFC 5280 3.2), for a key that
// lives in a token: what is to be signed, and the certificate with its
// signature. The ceremony tool calls it. Pure.
#ifndef COUNTERSIGN_HSM_SELF_SIGNED_CA_H_
#define COUNTERSIGN_HSM_SELF_SIGNED_CA_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/algorithms.h"

namespace countersign::hsm {

struct SelfSignedCa {
  std::string spki;     // DER
  std::string subject;  // RFC 4514 text
  // 20 random octets; the first two bits become 01 (RFC 5280 4.1.2.2).
  std::string serial;
  absl::Time not_before;
  absl::Time not_after;
  // How many CAs may stand below it; 0: it issues to code signers only.
  std::optional<int> path_length;
};

// TBSCertificate, DER: CA:TRUE, keyCertSign and cRLSign (critical), SKI. It is
// to be signed with CsrAlgorithm and the key's customary hash. INVALID_ARGUMENT
// where the subject or the public key is wrong.
absl::StatusOr<std::string> SelfSignedToBeSigned(const SelfSignedCa& ca);

// The certificate, DER. INVALID_ARGUMENT where `signature` is not that of the
// key in it.
absl::StatusOr<std::string> AssembleSelfSigned(const SelfSignedCa& ca,
                                               absl::string_view to_be_signed,
                                               absl::string_view signature);

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_SELF_SIGNED_CA_H_
