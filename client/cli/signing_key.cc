#include "client/cli/signing_key.h"

#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/key_client.h"
#include "client/artifact/certificate_chain.h"

namespace countersign::client {
namespace {

// Nothing that is asked next would fare better.
bool IsOfConnection(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<bool> SignsMessages(Session& session,
                                   const std::string& operation,
                                   v1::SignatureAlgorithm algorithm) {
  if (algorithm != v1::SIGNATURE_ALGORITHM_UNSPECIFIED) {
    return algorithm == v1::ED25519;
  }
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  const auto key = KeyClient(*connection).Get(operation);
  if (key.ok()) return key->key_type() == v1::EC_EDWARDS25519;
  if (IsOfConnection(key.status())) return key.status();
  return false;
}

absl::Status NoDigestsHere() {
  return base::MakeError(
      absl::StatusCode::kInvalidArgument,
      "ED25519 signs messages, not digests: whoever verifies needs the message "
      "itself. Sign the file (to 4096 octets) with\n"
      "  countersign sign blob FILE\n"
      "or sign the digest with an operation that has an ECDSA or RSA key",
      Because("DIGEST_NOT_POSSIBLE"));
}

absl::Status ExplainRefusal(Session& session, const std::string& operation,
                            const absl::Status& refused) {
  if (refused.code() != absl::StatusCode::kInvalidArgument) return refused;
  const auto messages =
      SignsMessages(session, operation, v1::SIGNATURE_ALGORITHM_UNSPECIFIED);
  return messages.ok() && *messages ? NoDigestsHere() : refused;
}

absl::StatusOr<std::vector<std::string>> SigningCertificates(
    Session& session, const std::string& operation) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  const auto key = KeyClient(*connection).Get(operation);
  if (!key.ok()) {
    if (IsOfConnection(key.status())) return key.status();
    return std::vector<std::string>();
  }
  if (key->certificate_chain_pem().empty()) return std::vector<std::string>();
  return ReadCertificates(key->certificate_chain_pem());
}

}  // namespace countersign::client
