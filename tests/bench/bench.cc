// What ./dev bench runs: the bare token, then the service, in turn, because the
// machine is not the same from one second to the next (docs/performance.md).
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "core/algorithms.h"
#include "hsm/bench_pkcs11.h"
#include "hsm/pkcs11_signer.h"
#include "tests/bench/report.h"
#include "tests/bench/sign_load.h"
#include "tests/bench/target.h"
#include "tests/bench/watch_load.h"

namespace countersign::bench {
namespace {

struct Options {
  Target target;
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
  std::string module_path;
  std::string token_label;
  std::string pin_file;
  std::string product = "products/bench";
  std::string waiting_request;
  std::string json_file;
  double seconds = 4;  // of each window
  int watches = 1000;
  std::string only;  // rows whose names begin with it
};

struct Algorithm {
  const char* name;  // of the product's operation too
  core::KeyType key_type;
  core::SignatureAlgorithm algorithm;
};
constexpr Algorithm kAlgorithms[] = {
    {"rsa2048", core::KeyType::kRsa2048,
     core::SignatureAlgorithm::kRsassaPkcs1V15},
    {"p256", core::KeyType::kEcP256, core::SignatureAlgorithm::kEcdsa},
};

// The server's sessions, as it is configured by default.
constexpr int kServerSessions = 2;

// A key of the bench's own in the same token.
absl::StatusOr<hsm::BarePkcs11Options> MakeBareKey(const Options& options,
                                                   const Algorithm& algorithm) {
  hsm::Pkcs11SignerOptions signer_options;
  signer_options.module_path = options.module_path;
  signer_options.token_label = options.token_label;
  signer_options.pin_file = options.pin_file;
  base::SystemClock clock;
  ASSIGN_OR_RETURN(auto signer,
                   hsm::Pkcs11Signer::Create(signer_options, clock));
  hsm::BarePkcs11Options bare;
  bare.module_path = options.module_path;
  bare.token_label = options.token_label;
  bare.pin_file = options.pin_file;
  bare.algorithm = algorithm.algorithm;
  bare.duration = absl::Seconds(options.seconds);
  bare.key.key_id = base::SystemRandom().Bytes(16);
  bare.key.label = absl::StrCat("bench ", algorithm.name);
  bare.key.type = algorithm.key_type;
  ASSIGN_OR_RETURN(bare.key.spki, signer->MakeKey(bare.key));
  return bare;
}

absl::StatusOr<double> BareRate(hsm::BarePkcs11Options bare, int sessions) {
  bare.sessions = sessions;
  ASSIGN_OR_RETURN(const hsm::BarePkcs11Rate rate,
                   hsm::MeasureBarePkcs11(bare));
  return rate.per_second;
}

absl::Status RunAlgorithm(const Options& options, const Algorithm& algorithm,
                          std::vector<Row>& rows) {
  ASSIGN_OR_RETURN(const auto bare, MakeBareKey(options, algorithm));
  ASSIGN_OR_RETURN(const double one, BareRate(bare, 1));
  ASSIGN_OR_RETURN(double before, BareRate(bare, kServerSessions));
  std::cout << absl::StrFormat(
      "\n%s, bare PKCS#11: %.0f per s on 1 session, %.0f on %d\n",
      algorithm.name, one, before, kServerSessions);
  PrintHeader();

  struct Case {
    std::string name;
    int clients;
    int digests;
  };
  const Case cases[] = {
      {"clients=1", 1, 1},
      {"clients=16", 16, 1},
      {"clients=64", 64, 1},
      {"digests=100", 1, 100},
  };
  for (const Case& c : cases) {
    const std::string name = absl::StrCat(algorithm.name, "/", c.name);
    if (!absl::StartsWith(name, options.only)) continue;
    SignLoad load;
    load.operation =
        absl::StrCat(options.product, "/operations/", algorithm.name);
    load.clients = c.clients;
    load.digests = c.digests;
    load.window = absl::Seconds(options.seconds);
    Row row;
    row.name = name;
    ASSIGN_OR_RETURN(row.result, RunSignLoad(options.target, load));
    ASSIGN_OR_RETURN(const double after, BareRate(bare, kServerSessions));
    row.ceiling_per_second = (before + after) / 2;
    before = after;
    PrintRow(row);
    rows.push_back(row);
  }
  return absl::OkStatus();
}

absl::Status Run(Options options) {
  ASSIGN_OR_RETURN(options.target.ca_pem, base::ReadFile(options.ca_file));
  ASSIGN_OR_RETURN(options.target.certificate_pem,
                   base::ReadFile(options.certificate_file));
  ASSIGN_OR_RETURN(options.target.private_key_pem,
                   base::ReadFile(options.private_key_file));
  std::vector<Row> rows;
  for (const Algorithm& algorithm : kAlgorithms) {
    const absl::string_view asked =
        absl::string_view(options.only).substr(0, options.only.find('/'));
    if (!absl::StartsWith(algorithm.name, asked)) continue;
    RETURN_IF_ERROR(RunAlgorithm(options, algorithm, rows));
  }
  std::cout << "\n";
  if (!options.waiting_request.empty() && options.only.empty()) {
    ASSIGN_OR_RETURN(
        const WatchResult watches,
        RunWatchLoad(options.target, options.waiting_request, options.watches));
    PrintWatches(watches);
  }
  RETURN_IF_ERROR(WriteJson(rows, options.json_file));
  std::cout << "Rows: " << options.json_file << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  countersign::bench::Options options;
  CLI::App app("Figures of a running server; ./dev bench starts one.");
  app.add_option("--server", options.target.server)->required();
  app.add_option("--server-pid", options.target.server_pid)->required();
  app.add_option("--ca", options.ca_file)->required();
  app.add_option("--cert", options.certificate_file)->required();
  app.add_option("--key", options.private_key_file)->required();
  app.add_option("--module", options.module_path)->required();
  app.add_option("--token-label", options.token_label)->required();
  app.add_option("--pin-file", options.pin_file)->required();
  app.add_option("--product", options.product);
  app.add_option("--waiting-request", options.waiting_request);
  app.add_option("--json", options.json_file)->required();
  app.add_option("--seconds", options.seconds, "length of each window");
  app.add_option("--watches", options.watches);
  app.add_option("--only", options.only,
                 "rows whose names begin with it: rsa2048/clients=16");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = countersign::bench::Run(options);
  if (!status.ok()) {
    std::cerr << "bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
