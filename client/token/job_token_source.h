// Tokens of the job that we run in, from its runner's endpoint: GitHub Actions
// (and GitHub Enterprise Server, Forgejo and others that have the same two
// variables). A new one is asked for shortly before the old one ends.
#ifndef COUNTERSIGN_CLIENT_TOKEN_JOB_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_TOKEN_JOB_TOKEN_SOURCE_H_

#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/https_call.h"
#include "client/api/token_source.h"
#include "client/token/environment.h"
#include "client/token/token_cache.h"

namespace countersign::client {

// Thread-safe where the functions are.
class JobTokenSource : public TokenSource {
 public:
  using Https =
      std::function<absl::StatusOr<base::HttpsAnswer>(const base::HttpsCall&)>;

  // `audience` is what is asked for. `clock` must outlive this.
  JobTokenSource(
      std::string audience, Environment environment, Https https,
      const base::Clock& clock,
      std::function<bool()> interrupted = [] { return false; })
      : audience_(std::move(audience)),
        environment_(std::move(environment)),
        https_(std::move(https)),
        clock_(clock),
        interrupted_(std::move(interrupted)) {}

  // UNAVAILABLE (TOKEN_ENDPOINT_UNAVAILABLE) where nobody answers or the
  // endpoint has trouble: the call repeats it. UNAUTHENTICATED
  // (TOKEN_UNREADABLE) for any other answer; as ReadToken.
  absl::StatusOr<BearerToken> Get(bool refused) override;
  std::string Describe() const override;

 private:
  absl::StatusOr<std::string> Fetch() const;

  const std::string audience_;
  const Environment environment_;
  const Https https_;
  const base::Clock& clock_;
  const std::function<bool()> interrupted_;
  TokenCache cache_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_JOB_TOKEN_SOURCE_H_
