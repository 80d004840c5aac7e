// Tokens that somebody else makes and keeps fresh: a variable of the job, a
// file that a kubelet, a SPIFFE helper or a script writes. Read anew for each
// call, so that the newest one is sent.
#ifndef COUNTERSIGN_CLIENT_TOKEN_GIVEN_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_TOKEN_GIVEN_TOKEN_SOURCE_H_

#include <string>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/secret_bytes.h"
#include "client/api/token_source.h"
#include "client/token/environment.h"

namespace countersign::client {

// Thread-safe where `environment` is. `audience` as in TokenUse. `clock` must
// outlive them.
class VariableTokenSource : public TokenSource {
 public:
  VariableTokenSource(std::string variable, std::string audience,
                      Environment environment, const base::Clock& clock)
      : variable_(std::move(variable)),
        audience_(std::move(audience)),
        environment_(std::move(environment)),
        clock_(clock) {}

  // UNAUTHENTICATED as ReadToken, TOKEN_UNREADABLE where it is not set.
  absl::StatusOr<BearerToken> Get(bool refused) override;
  std::string Describe() const override;

 private:
  const std::string variable_;
  const std::string audience_;
  const Environment environment_;
  const base::Clock& clock_;
};

class FileTokenSource : public TokenSource {
 public:
  FileTokenSource(std::string path, std::string audience,
                  const base::Clock& clock)
      : path_(std::move(path)), audience_(std::move(audience)), clock_(clock) {}

  // UNAUTHENTICATED as ReadToken, TOKEN_UNREADABLE for the file. Where it is
  // empty by now, what it had before: a pipe (`--token-file <(...)`) can be
  // read once, and not every writer replaces a file at one blow.
  absl::StatusOr<BearerToken> Get(bool refused) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::string Describe() const override;

 private:
  const std::string path_;
  const std::string audience_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  base::SecretBytes last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_GIVEN_TOKEN_SOURCE_H_
