// From a question to its signatures: finds or makes the request, waits for
// people until the caller's deadline, and tells on the way what it waits for.
// What comes back is SIGNED but not yet checked against a key. Blocks. Called
// by both plugins.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_OBTAIN_SIGNATURE_H_
#define COUNTERSIGN_CLIENT_PLUGINS_OBTAIN_SIGNATURE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/connection.h"
#include "client/api/resumable_request.h"
#include "client/plugins/plugin_world.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

struct SignatureQuestion {
  ResumableRequest request;
  absl::Time deadline = absl::InfiniteFuture();
  // A sentence for who did not get it in time: "The same command again ...".
  std::string how_to_resume;
};

// DEADLINE_EXCEEDED (WAIT_ENDED) and CANCELLED (INTERRUPTED) name the request
// and how to go on; FAILED_PRECONDITION (SIGNING_REQUEST_REJECTED, _EXPIRED,
// _CANCELLED, _FAILED) say who or what ended it.
absl::StatusOr<v1::SigningRequest> ObtainSignature(
    const PluginWorld& world, Connection& connection,
    const SignatureQuestion& question);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_OBTAIN_SIGNATURE_H_
