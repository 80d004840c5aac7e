// Any text as a JWK Set: refused, or keys that each can verify something and
// that are found by their id.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "auth/json_web_key.h"
#include "auth/testing_issuer.h"
#include "auth/token_algorithm.h"
#include "auth/token_signature.h"
#include "base/openssl.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::auth {
namespace {

void Check(bool ok) {
  if (!ok) std::abort();
}

void Try(absl::string_view text) {
  for (const bool spiffe : {false, true}) {
    const auto set = ParseKeySet(text, spiffe);
    if (!set.ok()) continue;
    for (const IssuerKey& key : set->keys()) {
      Check(base::ParseSpki(key.spki).ok());
      Check(key.thumbprint.size() == 43 && !key.algorithms.empty());
      if (!key.id.empty()) Check(set->Find(key.id) == &key);
      for (const TokenAlgorithm algorithm : key.algorithms) {
        Check(
            !CheckTokenSignature("input", std::string(64, 'x'), key, algorithm)
                 .ok());
      }
    }
  }
}

}  // namespace
}  // namespace countersign::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  countersign::auth::Try(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  using countersign::auth::JwksText;
  using countersign::auth::TestingKey;
  std::vector<std::string> seeds;
  for (const char* type : {"P-256", "P-521", "Ed25519", "RSA2048"}) {
    const TestingKey key = TestingKey::Make(type);
    seeds.push_back(JwksText({key.Jwk("a")}));
    seeds.push_back(JwksText(
        {key.Jwk("a", "", "jwt-svid"), key.Jwk("b"), key.Jwk("", "", "")}));
  }
  seeds.push_back(R"({"spiffe_sequence":1,"keys":[{"kty":"AKP"},{"kty":"OKP",)"
                  R"("crv":"X25519","key_ops":["verify"],"x":"AA"}]})");
  return seeds;
}
