// Tokens that a program of the user's prints (token_command): `buildkite-agent
// oidc request-token`, `az account get-access-token`, any helper of kubectl's.
#ifndef COUNTERSIGN_CLIENT_TOKEN_COMMAND_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_TOKEN_COMMAND_TOKEN_SOURCE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "client/api/token_source.h"
#include "client/token/run_program.h"
#include "client/token/token_cache.h"

namespace countersign::client {

// Thread-safe. The program is asked when there is no token, shortly before the
// end of the one that there is, and when that one is refused.
class CommandTokenSource : public TokenSource {
 public:
  // `words` as in ProgramCall. `audience` is told to the program
  // (COUNTERSIGN_TOKEN_AUDIENCE); `wanted_audience`, where not empty, is what
  // the token has to be for. `clock` must outlive this.
  CommandTokenSource(
      std::vector<std::string> words, std::string audience,
      std::string wanted_audience, const base::Clock& clock,
      std::function<bool()> interrupted = [] { return false; })
      : words_(std::move(words)),
        audience_(std::move(audience)),
        wanted_audience_(std::move(wanted_audience)),
        clock_(clock),
        interrupted_(std::move(interrupted)) {}

  // UNAUTHENTICATED (TOKEN_HELPER_FAILED) with what the program wrote to
  // standard error; as ReadExecCredential; CANCELLED (INTERRUPTED).
  absl::StatusOr<BearerToken> Get(bool refused) override;
  std::string Describe() const override;

 private:
  const std::vector<std::string> words_;
  const std::string audience_;
  const std::string wanted_audience_;
  const base::Clock& clock_;
  const std::function<bool()> interrupted_;
  TokenCache cache_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_COMMAND_TOKEN_SOURCE_H_
