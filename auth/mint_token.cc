// mint_token: a token issuer in a folder, for shell tests and demonstrations.
//
//   mint_token --folder DIR [--kid K] [--alg ES256] [--claims JSON]
//              [--header JSON] [--exp +10m]
//
// Makes DIR/K.key.pem where it is not there and puts its public half into
// DIR/jwks.json, a JWK Set of all keys made so. With --claims prints a token:
// those claims, and where they do not say so `iat` of now and `exp` by --exp
// (from now; may be negative). --header adds members to the header.
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "auth/testing_issuer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace countersign::auth {
namespace {

using base::Json;
using Flags = std::map<std::string, std::string>;

absl::StatusOr<Flags> ParseFlags(int argc, char** argv) {
  Flags flags = {{"kid", "k1"}, {"alg", "ES256"}, {"exp", "+10m"}};
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag != "--folder" && flag != "--kid" && flag != "--alg" &&
        flag != "--claims" && flag != "--header" && flag != "--exp") {
      return absl::InvalidArgumentError(absl::StrCat("no such flag: ", flag));
    }
    if (++i == argc) {
      return absl::InvalidArgumentError(absl::StrCat(flag, " needs a value"));
    }
    flags[flag.substr(2)] = argv[i];
  }
  if (flags["folder"].empty() || absl::StrContains(flags["kid"], '/')) {
    return absl::InvalidArgumentError(
        "--folder DIR is needed, and a --kid without \"/\"");
  }
  return flags;
}

absl::StatusOr<TestingKey> LoadOrMakeKey(const std::string& path,
                                         const std::string& algorithm) {
  const absl::StatusOr<std::string> pem = base::ReadFile(path);
  if (pem.ok()) return TestingKey::FromPem(*pem);
  const TestingKey key = TestingKey::For(algorithm);
  RETURN_IF_ERROR(base::WriteFileAtomically(path, key.key_pem(), 0600));
  return key;
}

absl::Status Publish(const std::string& path, const Json& key) {
  Json set(Json::Object{{"keys", Json(Json::Array())}});
  const absl::StatusOr<std::string> text = base::ReadFile(path);
  if (text.ok()) {
    ASSIGN_OR_RETURN(set, base::ParseJson(*text));
  }
  Json* keys = set.Find("keys");
  if (keys == nullptr || !keys->is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no JWK Set"));
  }
  for (const Json& other : keys->array()) {
    if (other == key) return absl::OkStatus();
  }
  keys->array().push_back(key);
  return base::WriteFileAtomically(path, absl::StrCat(PrettyJson(set), "\n"));
}

absl::StatusOr<std::string> Mint(const TestingKey& key, const Flags& flags) {
  ASSIGN_OR_RETURN(Json claims, base::ParseJson(flags.at("claims")));
  Json header(Json::Object{
      {"alg", flags.at("alg")}, {"kid", flags.at("kid")}, {"typ", "JWT"}});
  Json more{Json::Object()};
  if (flags.count("header") > 0) {
    ASSIGN_OR_RETURN(more, base::ParseJson(flags.at("header")));
  }
  if (!claims.is_object() || !more.is_object()) {
    return absl::InvalidArgumentError("--claims and --header take objects");
  }
  for (const auto& [name, value] : more.object()) header.Set(name, value);
  absl::Duration life;
  if (!absl::ParseDuration(flags.at("exp"), &life)) {
    return absl::InvalidArgumentError("--exp takes a duration, \"+10m\"");
  }
  const absl::Time now = base::SystemClock().Now();
  if (claims.Find("iat") == nullptr) {
    claims.Set("iat", absl::ToUnixSeconds(now));
  }
  if (claims.Find("exp") == nullptr) {
    claims.Set("exp", absl::ToUnixSeconds(now + life));
  }
  const std::string input =
      SigningInput(CompactJson(header), CompactJson(claims));
  return WithSignature(input, key.Sign(flags.at("alg"), input));
}

absl::Status Run(int argc, char** argv) {
  ASSIGN_OR_RETURN(const Flags flags, ParseFlags(argc, argv));
  const std::string& folder = flags.at("folder");
  const std::string& kid = flags.at("kid");
  ASSIGN_OR_RETURN(const TestingKey key,
                   LoadOrMakeKey(absl::StrCat(folder, "/", kid, ".key.pem"),
                                 flags.at("alg")));
  RETURN_IF_ERROR(Publish(absl::StrCat(folder, "/jwks.json"),
                          key.Jwk(kid, flags.at("alg"))));
  if (flags.count("claims") == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string token, Mint(key, flags));
  std::printf("%s\n", token.c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace countersign::auth

int main(int argc, char** argv) {
  const absl::Status status = countersign::auth::Run(argc, argv);
  if (status.ok()) return 0;
  std::fprintf(stderr, "mint_token: %s\n",
               std::string(status.message()).c_str());
  return 1;
}
