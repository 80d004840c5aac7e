// Any text as a token, and as the claims of a token that is rightly signed:
// nothing is taken that was not minted, and of what was minted nothing that
// breaks a rule.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/json_web_key.h"
#include "auth/testing_issuer.h"
#include "auth/token_algorithm.h"
#include "auth/token_issuer.h"
#include "auth/verify_token.h"
#include "base/json.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::auth {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01
constexpr char kUrl[] = "https://ci.example";

void Check(bool ok) {
  if (!ok) std::abort();
}

const TestingIssuer& Issuer() {
  static const TestingIssuer& issuer = *new TestingIssuer(kUrl, "EdDSA");
  return issuer;
}

std::vector<TokenIssuer> Issuers() {
  TokenIssuer plain;
  plain.name = "ci";
  plain.issuer = kUrl;
  plain.audiences = {"countersign"};
  plain.algorithms = {TokenAlgorithm::kEdDsa, TokenAlgorithm::kEs256};
  plain.recorded_claims = {"repository", "/a/b", "/a/0"};
  TokenIssuer spiffe = plain;
  spiffe.name = "mesh";
  spiffe.issuer = "spiffe://acme.example";
  spiffe.spiffe = true;
  return {plain, spiffe};
}

absl::StatusOr<VerifiedToken> Verify(absl::string_view token) {
  static const auto& keys = *new std::shared_ptr<const KeySet>(
      std::make_shared<const KeySet>(ParseKeySet(Issuer().Jwks()).value()));
  return VerifyToken(
      token, Issuers(),
      [](const std::string&, absl::string_view)
          -> absl::StatusOr<std::shared_ptr<const KeySet>> { return keys; },
      kNow);
}

const std::vector<std::string>& Minted() {
  static const auto& tokens = *new std::vector<std::string>{
      Issuer().Token(kNow),
      Issuer().Token(kNow, {{"repository", "acme/app"},
                            {"a", base::Json(base::Json::Array{"x", 1})}})};
  return tokens;
}

void TryToken(absl::string_view text) {
  const absl::StatusOr<VerifiedToken> verified = Verify(text);
  if (!verified.ok()) {
    Check(!verified.status().message().empty());
    return;
  }
  for (const std::string& token : Minted()) {
    if (token == text) return;
  }
  std::abort();
}

void TryClaims(absl::string_view text) {
  const std::string token = Issuer().RawToken(Issuer().Header(), text);
  const absl::StatusOr<VerifiedToken> verified = Verify(token);
  if (!verified.ok()) return;
  Check(verified->issuer == kUrl);  // JWT-SVIDs have no EdDSA
  Check(verified->claims.Find("iss")->string() == kUrl);
  Check(verified->subject.size() > 6 && verified->subject.size() <= 1024);
  Check(verified->expire_time > kNow - absl::Minutes(1));
  Check(verified->expire_time <= kNow + absl::Minutes(61));
  Check(verified->issue_time < kNow + absl::Minutes(1));
  Check(absl::StrCat(CompactJson(*verified->claims.Find("aud")))
            .find("countersign") != std::string::npos);
  Check(verified->bound_certificate.empty() ||
        verified->bound_certificate.size() == 64);
}

}  // namespace
}  // namespace countersign::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.empty() && text[0] == '{') {
    countersign::auth::TryClaims(text);
  } else {
    countersign::auth::TryToken(text);
  }
  return 0;
}

std::vector<std::string> countersign::fuzz::Seeds() {
  std::vector<std::string> seeds = countersign::auth::Minted();
  for (const char* more :
       {"", R"(,"jti":1,"nbf":1767225600.5)",
        R"(,"cnf":{"x5t#S256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
        R"(,"a":{"b":[true,null,"\u00e9"]},"repository":"acme/app")"}) {
    seeds.push_back(absl::StrCat(
        R"({"iss":"https://ci.example","sub":"ann","aud":["countersign"],)",
        R"("iat":1767225600,"exp":1767226200)", more, "}"));
  }
  seeds.push_back(R"({"sub":"spiffe://acme.example/ci","aud":"countersign",)"
                  R"("exp":1767226200})");
  return seeds;
}
