// Tells the health board and the log how the tokens are, when that changes:
// "tokens/NAME" for each, and the signing service, which serves while at least
// one of them is ready. app.cc calls it with what the signer says.
#ifndef COUNTERSIGN_SERVER_TOKEN_REPORTER_H_
#define COUNTERSIGN_SERVER_TOKEN_REPORTER_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/signer.h"
#include "server/health_board.h"

namespace countersign::server {

// "tokens/NAME", as the health board knows a token.
std::string TokenService(const std::string& token);

// Thread-compatible.
class TokenReporter {
 public:
  // `board`, which knows `signing_service` and the tokens, outlives it.
  TokenReporter(HealthBoard& board, std::string signing_service);

  // True where something that was away is ready again. What was never away is
  // not told.
  bool Report(const core::SignerHealth& health);

 private:
  // The log's line, and whether it is back.
  bool Note(const std::string& token, bool ready, const std::string& cause);

  HealthBoard& board_;
  const std::string signing_service_;
  // Away at the last report, and why.
  absl::flat_hash_map<std::string, std::string> away_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_TOKEN_REPORTER_H_
