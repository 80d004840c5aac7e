// Which key an operation signs with, asked where it decides what is sent: an
// Ed25519 key signs messages, every other one digests. Called by the sign
// commands.
#ifndef COUNTERSIGN_CLIENT_CLI_SIGNING_KEY_H_
#define COUNTERSIGN_CLIENT_CLI_SIGNING_KEY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Whether a request that names `algorithm` (unspecified: the operation's) is
// for Ed25519. Without an algorithm the server is asked; where it does not tell
// (no such operation, no key), the answer is no, and the request itself will
// say why. Errors are those of reaching the server.
absl::StatusOr<bool> SignsMessages(Session& session,
                                   const std::string& operation,
                                   v1::SignatureAlgorithm algorithm);

// INVALID_ARGUMENT (DIGEST_NOT_POSSIBLE): Ed25519 does not sign digests, with
// what to do instead.
absl::Status NoDigestsHere();

// `refused`, as the server refused digests; where that is because the operation
// has an Ed25519 key, NoDigestsHere().
absl::Status ExplainRefusal(Session& session, const std::string& operation,
                            const absl::Status& refused);

// The certificates (DER, leaf first) of the key that the operation signs with
// now; none where the server has none or does not tell: then the request itself
// will say what is wrong. Errors are those of reaching the server.
absl::StatusOr<std::vector<std::string>> SigningCertificates(
    Session& session, const std::string& operation);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_SIGNING_KEY_H_
