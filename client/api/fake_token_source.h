// Tokens that a test hands out, one after the other. Tests only.
#ifndef COUNTERSIGN_CLIENT_API_FAKE_TOKEN_SOURCE_H_
#define COUNTERSIGN_CLIENT_API_FAKE_TOKEN_SOURCE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "client/api/client_error.h"
#include "client/api/token_source.h"

namespace countersign::client {

// What the fake was asked; outlives it.
struct TokenRequests {
  int asked = 0;
  int refused = 0;
};

// Gives the first of `tokens` until it is refused, then the next; the last one
// is followed by LOGIN_NEEDED. Thread-compatible.
class FakeTokenSource : public TokenSource {
 public:
  FakeTokenSource(std::vector<std::string> tokens, TokenRequests& requests)
      : tokens_(std::move(tokens)), requests_(requests) {}

  absl::StatusOr<BearerToken> Get(bool refused) override {
    ++requests_.asked;
    if (refused) {
      ++requests_.refused;
      ++next_;
    }
    if (next_ >= tokens_.size()) {
      return base::MakeError(absl::StatusCode::kUnauthenticated,
                             "the login has ended", Because("LOGIN_NEEDED"));
    }
    return BearerToken{base::SecretBytes(tokens_[next_])};
  }

  std::string Describe() const override { return "token of the test"; }

 private:
  const std::vector<std::string> tokens_;
  TokenRequests& requests_;
  size_t next_ = 0;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_FAKE_TOKEN_SOURCE_H_
