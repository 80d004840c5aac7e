// What a DSSE envelope's signature is over: the pre-authentication encoding of
// payload type and payload (DSSE protocol.md, "PAE"). Called by the bundle and
// attestation commands. Pure.
#ifndef COUNTERSIGN_CLIENT_SIGSTORE_DSSE_H_
#define COUNTERSIGN_CLIENT_SIGSTORE_DSSE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace countersign::client {

inline constexpr char kInTotoPayloadType[] = "application/vnd.in-toto+json";

// "DSSEv1 LEN TYPE LEN PAYLOAD", lengths in octets.
std::string PreAuthenticationEncoding(absl::string_view payload_type,
                                      absl::string_view payload);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_SIGSTORE_DSSE_H_
