#include "server/check_issuers.h"

#include <algorithm>
#include <cstddef>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/json_web_key.h"

namespace countersign::server {
namespace {

// Whether one of the issuer's algorithms has a key.
bool Serves(const auth::KeySet& keys, const auth::TokenIssuer& issuer) {
  return std::any_of(
      keys.keys().begin(), keys.keys().end(), [&](const auth::IssuerKey& key) {
        return std::any_of(issuer.algorithms.begin(), issuer.algorithms.end(),
                           [&](auth::TokenAlgorithm algorithm) {
                             return key.algorithms.count(algorithm) != 0;
                           });
      });
}

// Empty where all is well.
std::string Check(const auth::TokenIssuer& issuer,
                  const auth::IssuerKeys::Fetch& fetch) {
  const auto fetched = fetch(issuer, [] { return false; });
  if (!fetched.ok()) return std::string(fetched.status().message());
  const absl::StatusOr<auth::KeySet> keys =
      auth::ParseKeySet(fetched->jwks, issuer.spiffe);
  if (!keys.ok()) {
    return absl::StrCat(fetched->url, ": ", keys.status().message());
  }
  if (Serves(*keys, issuer)) return "";
  return absl::StrCat(fetched->url,
                      " holds no key for the algorithms that are allowed");
}

}  // namespace

std::vector<std::string> CheckIssuers(
    const std::vector<auth::TokenIssuer>& issuers,
    const auth::IssuerKeys::Fetch& fetch) {
  std::vector<std::string> results(issuers.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < issuers.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = Check(issuers[i], fetch); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> notes;
  for (size_t i = 0; i < issuers.size(); ++i) {
    if (results[i].empty()) continue;
    notes.push_back(
        absl::StrCat("token issuer ", issuers[i].name, ": ", results[i]));
  }
  return notes;
}

}  // namespace countersign::server
