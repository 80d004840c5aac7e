#include "tests/bench/plan.h"

#include "absl/strings/str_cat.h"

namespace countersign::bench {
namespace {

PlannedRow Rsa(const std::string& operation, core::KeyType type, int clients) {
  PlannedRow row;
  row.name = absl::StrCat(operation, "/clients=", clients);
  row.operation = operation;
  row.key_type = type;
  row.algorithm = core::SignatureAlgorithm::kRsassaPkcs1V15;
  row.clients = clients;
  return row;
}

PlannedRow P256(int clients, int digests, bool verify, double ratio) {
  PlannedRow row;
  row.name = absl::StrCat("p256/",
                          digests == 1 ? absl::StrCat("clients=", clients)
                                       : absl::StrCat("digests=", digests),
                          verify ? "/verify=on" : "/verify=off");
  row.operation = "p256";
  row.key_type = core::KeyType::kEcP256;
  row.algorithm = core::SignatureAlgorithm::kEcdsa;
  row.clients = clients;
  row.digests = digests;
  row.verify = verify;
  row.ratio = ratio;
  return row;
}

}  // namespace

std::vector<PlannedRow> AllRows() {
  PlannedRow one = Rsa("rsa2048", core::KeyType::kRsa2048, 1);
  one.added_ms = 0.40;
  PlannedRow few = Rsa("rsa2048", core::KeyType::kRsa2048, 16);
  few.ratio = 0.85;
  few.hsm_share = 0.85;
  PlannedRow many = Rsa("rsa2048", core::KeyType::kRsa2048, 64);
  many.ratio = 0.85;
  many.hsm_share = 0.85;
  many.p99_over_p50 = 1.5;
  many.rss_mib = 35;
  PlannedRow large = Rsa("rsa4096", core::KeyType::kRsa4096, 16);
  large.hsm_share = 0.95;
  return {one,
          few,
          many,
          large,
          P256(64, 1, true, 0.32),
          P256(1, 100, true, 0.55),
          P256(64, 1, false, 0.50),
          P256(1, 100, false, 0.90)};
}

std::vector<Goal> GoalsOf(const PlannedRow& plan, const Row& row,
                          double bare_ms) {
  const SignResult& result = row.result;
  std::vector<Goal> goals;
  if (plan.ratio) goals.push_back({"ratio", row.ratio, *plan.ratio, true});
  if (plan.hsm_share) {
    goals.push_back({"hsm_share", result.hsm_share, *plan.hsm_share, true});
  }
  if (plan.p99_over_p50) {
    goals.push_back({"p99_over_p50",
                     result.p50_ms > 0 ? result.p99_ms / result.p50_ms : 0,
                     *plan.p99_over_p50, false});
  }
  if (plan.added_ms) {
    goals.push_back(
        {"added_ms", result.p50_ms - bare_ms, *plan.added_ms, false});
  }
  if (plan.rss_mib) {
    goals.push_back({"rss_mib", static_cast<double>(result.rss_kib) / 1024,
                     *plan.rss_mib, false});
  }
  return goals;
}

}  // namespace countersign::bench
