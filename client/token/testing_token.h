// Tokens in the form of a JWT, with a signature that no one would take. Tests
// only.
#ifndef COUNTERSIGN_CLIENT_TOKEN_TESTING_TOKEN_H_
#define COUNTERSIGN_CLIENT_TOKEN_TESTING_TOKEN_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/encoding.h"

namespace countersign::client {

// `claims` is JSON text.
inline std::string TestToken(const std::string& claims) {
  return absl::StrCat(base::Base64UrlEncode(R"({"alg":"RS256"})"), ".",
                      base::Base64UrlEncode(claims), ".c2ln");
}

inline std::string TestToken(absl::Time expire_time,
                             const std::string& audience = "countersign") {
  return TestToken(
      absl::StrCat("{\"iss\":\"https://ci.example.org\",\"aud\":\"", audience,
                   "\",\"exp\":", absl::ToUnixSeconds(expire_time), "}"));
}

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_TOKEN_TESTING_TOKEN_H_
