// What a JSON Web Token says of itself, unverified: for hints and for the time
// of renewal, never for a decision; the server verifies. Pure.
#ifndef COUNTERSIGN_CLIENT_TOKEN_TOKEN_HINT_H_
#define COUNTERSIGN_CLIENT_TOKEN_TOKEN_HINT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace countersign::client {

struct TokenHint {
  std::vector<std::string> audiences;  // empty: it does not say
  absl::Time expire_time = absl::InfiniteFuture();
};

// Nothing where `token` is no JWT: there are opaque ones.
std::optional<TokenHint> ReadTokenHint(absl::string_view token);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_TOKEN_HINT_H_
