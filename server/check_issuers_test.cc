#include "server/check_issuers.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "auth/issuer_keys.h"
#include "auth/testing_issuer.h"
#include "auth/token_algorithm.h"
#include "auth/token_issuer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

auth::TokenIssuer Issuer(const std::string& name,
                         auth::TokenAlgorithm algorithm) {
  auth::TokenIssuer issuer;
  issuer.name = name;
  issuer.algorithms = {algorithm};
  return issuer;
}

TEST(CheckIssuersTest, NotesThoseWhoseKeysCannotBeHad) {
  const auth::TestingIssuer testing("https://a.example", "ES256");
  const auto fetch = [&](const auth::TokenIssuer& issuer,
                         const std::function<bool()>&)
      -> absl::StatusOr<auth::IssuerKeys::Fetched> {
    if (issuer.name == "down") return absl::UnavailableError("no answer");
    return auth::IssuerKeys::Fetched{
        issuer.name == "broken" ? "<html>" : testing.Jwks(), "https://a/jwks",
        absl::ZeroDuration()};
  };
  EXPECT_THAT(CheckIssuers({}, fetch), IsEmpty());
  EXPECT_THAT(
      CheckIssuers({Issuer("well", auth::TokenAlgorithm::kEs256)}, fetch),
      IsEmpty());
  EXPECT_THAT(CheckIssuers({Issuer("down", auth::TokenAlgorithm::kEs256),
                            Issuer("well", auth::TokenAlgorithm::kEs256),
                            Issuer("broken", auth::TokenAlgorithm::kEs256),
                            Issuer("other", auth::TokenAlgorithm::kRs256)},
                           fetch),
              ElementsAre("token issuer down: no answer",
                          StartsWith("token issuer broken: https://a/jwks: "),
                          HasSubstr("holds no key for the algorithms")));
}

}  // namespace
}  // namespace countersign::server
