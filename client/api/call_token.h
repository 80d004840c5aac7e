// The token of one call: asked of its source before each attempt, on the
// caller's thread, and asked for anew once where the server says that it has
// ended. Used by call.h and by waits. Includes gRPC: only for .cc files.
#ifndef COUNTERSIGN_CLIENT_API_CALL_TOKEN_H_
#define COUNTERSIGN_CLIENT_API_CALL_TOKEN_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret_bytes.h"
#include "client/api/token_source.h"
#include "grpcpp/client_context.h"

namespace countersign::client {

// Thread-compatible.
class CallToken {
 public:
  // `source` may be nullptr: then nothing is added. It must outlive this.
  explicit CallToken(TokenSource* source) : source_(source) {}

  // Blocks as TokenSource::Get, and has its errors. UNAUTHENTICATED
  // (TOKEN_MALFORMED) for what no header could carry.
  absl::Status AddTo(grpc::ClientContext& context);

  // True where the attempt that ended with `status` is worth repeating at once:
  // the token had ended, and the source has another one. Once, until
  // WasTaken(). An error of the source, which says what people have to do.
  absl::StatusOr<bool> RenewAfter(const absl::Status& status);

  // The server took the newest one.
  void WasTaken() { renewed_ = false; }

 private:
  TokenSource* const source_;
  base::SecretBytes sent_;
  bool renewed_ = false;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_CALL_TOKEN_H_
