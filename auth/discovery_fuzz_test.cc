// Fuzz target: what an issuer may say of itself. Whatever it is, nothing but
// the configured issuer and a URL that may be called comes out of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "auth/discovery_document.h"
#include "base/https_call.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr char kIssuer[] = "https://a.example";
  const auto document =
      countersign::auth::ParseDiscoveryDocument(text, kIssuer);
  if (document.ok()) {
    if (document->issuer != kIssuer) std::abort();
    if (!absl::StartsWithIgnoreCase(document->jwks_uri, "https:")) std::abort();
    if (!countersign::base::CheckHttpsUrl(document->jwks_uri).ok()) {
      std::abort();
    }
  } else {
    for (const char c : document.status().message()) {
      if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
  }
  // As a URL, too.
  static_cast<void>(countersign::base::CheckHttpsUrl(text));
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  return {
      R"({"issuer":"https://a.example","jwks_uri":"https://a.example/jwks"})",
      R"({"issuer":"https://b.example","jwks_uri":"http://127.0.0.1/k"})",
      R"({"issuer":7,"jwks_uri":["x"],"scopes_supported":["openid"]})",
      "https://[::1]:8080/a?b=c#d",
      "http://user:password@127.0.0.1:80/%2e%2e",
  };
}

}  // namespace countersign::fuzz
