// The checksums that travel beside digests and signatures (CRC-32C), set on the
// way out and checked on the way in, and that an answer is about what was
// asked. Pure. Called by signing_client.
#ifndef COUNTERSIGN_CLIENT_API_INTEGRITY_H_
#define COUNTERSIGN_CLIENT_API_INTEGRITY_H_

#include "absl/status/status.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

// Sets crc32c of every digest.
void SetDigestChecksums(v1::SigningRequest& request);

// DATA_LOSS: DIGEST_DAMAGED, SIGNATURE_DAMAGED (a checksum does not fit),
// SIGNATURE_MISSING (SIGNED with fewer signatures than digests).
absl::Status CheckChecksums(const v1::SigningRequest& request);

// DATA_LOSS (DIGESTS_CHANGED) where `answer` is not about the digests of
// `asked`, in their order.
absl::Status CheckSameDigests(const v1::SigningRequest& asked,
                              const v1::SigningRequest& answer);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_INTEGRITY_H_
