#include "tests/bench/token_rows.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "auth/testing_issuer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "tests/bench/median.h"
#include "tests/bench/sign_load.h"

namespace countersign::bench {
namespace {

using base::Json;

// As tests/bench/bench.sh configures it.
constexpr char kIssuer[] = "https://issuer.bench.example";
constexpr char kAlgorithm[] = "RS256";
// One client asks for a few hundred signatures each second.
constexpr int kFirstTokensPerSecond = 1500;

// Tokens of a pipeline as long as those of CI systems.
class Mint {
 public:
  static absl::StatusOr<Mint> Open(const std::string& site) {
    ASSIGN_OR_RETURN(const std::string pem,
                     base::ReadFile(site + "/issuer/k1.key.pem"));
    return Mint(auth::TestingKey::FromPem(pem));
  }

  std::string Make() {
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    const Json header(
        Json::Object{{"alg", kAlgorithm}, {"kid", "k1"}, {"typ", "JWT"}});
    const Json claims(Json::Object{
        {"iss", kIssuer},
        {"sub", "bench"},
        {"aud", "countersign"},
        {"iat", now},
        {"exp", now + 600},
        {"jti", absl::StrCat("bench-", ++made_)},
        {"repository", "acme/checkout"},
        {"ref", "refs/tags/v1.0.0"},
        {"sha", "7d793037a0760186574b0282f2f435e7d1c0bd3e"},
        {"workflow_ref", "acme/checkout/.github/workflows/release.yml"},
        {"padding", std::string(600, 'x')}});
    const std::string input =
        auth::SigningInput(CompactJson(header), CompactJson(claims));
    return auth::WithSignature(input, key_.Sign(kAlgorithm, input));
  }

 private:
  explicit Mint(auth::TestingKey key) : key_(std::move(key)) {}

  auth::TestingKey key_;
  int64_t made_ = absl::ToUnixNanos(absl::Now());
};

SignLoad LoadOf(const TokenBench& bench, int clients) {
  SignLoad load;
  load.operation = bench.operation;
  load.clients = clients;
  load.warm_up = bench.warm_up;
  load.window = bench.window;
  return load;
}

// Windows with certificates and with tokens in turn; `arm` gives the load its
// tokens.
template <typename Arm>
absl::StatusOr<Row> Compare(const Target& target, const TokenBench& bench,
                            SignLoad load, const char* name, Arm arm) {
  Target bare = target;
  bare.certificate_pem.clear();
  bare.private_key_pem.clear();
  std::vector<SignResult> with_tokens;
  std::vector<double> ceilings;
  std::vector<double> ratios;
  load.next_token = nullptr;
  ASSIGN_OR_RETURN(SignResult before, RunSignLoad(target, load));
  for (int i = 0; i < bench.windows; ++i) {
    RETURN_IF_ERROR(arm(load));
    ASSIGN_OR_RETURN(const SignResult result, RunSignLoad(bare, load));
    load.next_token = nullptr;
    ASSIGN_OR_RETURN(const SignResult after, RunSignLoad(target, load));
    with_tokens.push_back(result);
    ceilings.push_back(
        (before.signatures_per_second + after.signatures_per_second) / 2);
    ratios.push_back(result.signatures_per_second / ceilings.back());
    before = after;
  }
  Row row;
  row.name = name;
  row.result = Median(with_tokens);
  row.ceiling_per_second = Median(ceilings);
  row.ratio = Median(ratios);
  // What the thread that authenticates needs for a call with a certificate.
  row.result.cpu_us["rpc-queue(certificate)"] = before.cpu_us["rpc-queue"];
  return row;
}

}  // namespace

absl::StatusOr<Row> RunRemembered(const Target& target,
                                  const TokenBench& bench) {
  ASSIGN_OR_RETURN(Mint mint, Mint::Open(target.site));
  ASSIGN_OR_RETURN(Row row, Compare(target, bench, LoadOf(bench, 16),
                                    kRemembered, [&mint](SignLoad& load) {
                                      load.next_token = [token = mint.Make()] {
                                        return token;
                                      };
                                      return absl::OkStatus();
                                    }));
  row.goals = {{"ratio", row.ratio, 0.95, true}};
  return row;
}

absl::StatusOr<Row> RunFirst(const Target& target, const TokenBench& bench) {
  ASSIGN_OR_RETURN(Mint mint, Mint::Open(target.site));
  const auto count =
      static_cast<size_t>(absl::ToDoubleSeconds(bench.window + bench.warm_up) *
                          kFirstTokensPerSecond);
  return Compare(target, bench, LoadOf(bench, 1), kFirst,
                 [&mint, count](SignLoad& load) {
                   auto tokens = std::make_shared<std::vector<std::string>>();
                   while (tokens->size() < count) {
                     tokens->push_back(mint.Make());
                   }
                   load.next_token = [tokens] {
                     std::string token;
                     if (tokens->empty()) return token;  // refused, and told
                     token = std::move(tokens->back());
                     tokens->pop_back();
                     return token;
                   };
                   return absl::OkStatus();
                 });
}

}  // namespace countersign::bench
