// A token from outside, as it is read from a file, a variable or an answer:
// taken where it can be one, refused where it is plainly of no use, before it
// is sent. Pure. Called by every source of this room.
#ifndef COUNTERSIGN_CLIENT_TOKEN_READ_TOKEN_H_
#define COUNTERSIGN_CLIENT_TOKEN_READ_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/api/token_source.h"

namespace countersign::client {

struct TokenUse {
  std::string described;  // "token of the file /run/token"
  // The one that the user named; empty: whatever it has.
  std::string audience;
};

// White space around it is left out. UNAUTHENTICATED: TOKEN_MALFORMED;
// TOKEN_EXPIRED where it ended more than a minute before `now`, since clocks
// differ; TOKEN_AUDIENCE where it says for whom it is, and that is another.
absl::StatusOr<BearerToken> ReadToken(absl::string_view text,
                                      const TokenUse& use, absl::Time now);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_READ_TOKEN_H_
