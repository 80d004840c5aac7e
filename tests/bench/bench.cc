// What ./dev bench runs: the bare token, then the service, in turn, because the
// machine is not the same from one second to the next (docs/performance.md).
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "tests/bench/bare.h"
#include "tests/bench/held_connections.h"
#include "tests/bench/median.h"
#include "tests/bench/plan.h"
#include "tests/bench/report.h"
#include "tests/bench/sign_load.h"
#include "tests/bench/target.h"
#include "tests/bench/token_rows.h"
#include "tests/bench/watch_load.h"

namespace countersign::bench {
namespace {

struct Options {
  // Sites: as configured by default, without the check of EC signatures, and
  // with so little room that 500 clients are too many.
  std::string site;
  std::string unverified_site;
  std::string narrow_site;
  std::string module;
  std::string waiting_request;  // pending, in narrow_site
  std::string json_file;
  int windows = 5;
  double seconds = 5;  // each
  int connections = 1000;
  std::string only;  // rows whose names begin with it

  absl::Duration window() const { return absl::Seconds(seconds); }
  bool Wants(const std::string& name) const {
    return absl::StartsWith(name, only);
  }
};

constexpr char kProduct[] = "products/bench";
// The server's sessions, as it is configured by default.
constexpr int kServerSessions = 2;
constexpr double kWarmUpSeconds = 1;
constexpr int kCrowd = 500;  // clients of the overload rows

double SecondsOfRow(const Options& options) {
  return options.windows * (2 * options.seconds + kWarmUpSeconds) +
         options.seconds;
}

SignLoad LoadOf(const Options& options, const std::string& operation) {
  SignLoad load;
  load.operation = absl::StrCat(kProduct, "/operations/", operation);
  load.warm_up = absl::Seconds(kWarmUpSeconds);
  load.window = options.window();
  return load;
}

absl::StatusOr<Row> RunRow(const Options& options, const Target& target,
                           const PlannedRow& plan) {
  ASSIGN_OR_RETURN(const Bare bare,
                   Bare::Create(options.module, options.site, plan.key_type,
                                plan.algorithm));
  SignLoad load = LoadOf(options, plan.operation);
  load.clients = plan.clients;
  load.digests = plan.digests;
  std::vector<SignResult> windows;
  std::vector<double> ceilings;
  std::vector<double> ratios;
  ASSIGN_OR_RETURN(hsm::BarePkcs11Rate before,
                   bare.Measure(kServerSessions, options.window()));
  for (int i = 0; i < options.windows; ++i) {
    ASSIGN_OR_RETURN(const SignResult result, RunSignLoad(target, load));
    ASSIGN_OR_RETURN(const hsm::BarePkcs11Rate after,
                     bare.Measure(kServerSessions, options.window()));
    windows.push_back(result);
    ceilings.push_back((before.per_second + after.per_second) / 2);
    ratios.push_back(result.signatures_per_second / ceilings.back());
    before = after;
  }
  Row row;
  row.name = plan.name;
  row.result = Median(windows);
  row.ceiling_per_second = Median(ceilings);
  row.ratio = Median(ratios);
  double bare_ms = 0;
  if (plan.added_ms.has_value()) {
    ASSIGN_OR_RETURN(const hsm::BarePkcs11Rate alone,
                     bare.Measure(1, options.window()));
    bare_ms = absl::ToDoubleMilliseconds(alone.mean);
  }
  row.goals = GoalsOf(plan, row, bare_ms);
  return row;
}

// Goodput of a crowd that is too large, against that of as many clients as
// there is room for.
absl::Status RunOverload(const Options& options, const Target& target,
                         std::vector<Row>& rows) {
  struct Case {
    const char* name;
    OnRefusal on_refusal;
    bool has_goal;
  };
  const Case cases[] = {
      {"overload/client=ours", OnRefusal::kWait, true},
      {"overload/client=retries_at_once", OnRefusal::kRetryAtOnce, false},
  };
  for (const Case& c : cases) {
    if (!options.Wants(c.name)) continue;
    SignLoad fitting = LoadOf(options, "rsa2048");
    fitting.clients = 64;
    fitting.on_refusal = OnRefusal::kWait;  // of a slow moment
    SignLoad crowd = LoadOf(options, "rsa2048");
    crowd.clients = kCrowd;
    crowd.on_refusal = c.on_refusal;
    crowd.warm_up = absl::Seconds(4);  // 500 handshakes, the first refusals
    ASSIGN_OR_RETURN(const SignResult before, RunSignLoad(target, fitting));
    Row row;
    row.name = c.name;
    ASSIGN_OR_RETURN(row.result, RunSignLoad(target, crowd));
    ASSIGN_OR_RETURN(const SignResult after, RunSignLoad(target, fitting));
    row.ceiling_per_second =
        (before.signatures_per_second + after.signatures_per_second) / 2;
    row.ratio = row.result.signatures_per_second / row.ceiling_per_second;
    if (c.has_goal) row.goals = {{"goodput", row.ratio, 0.85, true}};
    Print(row);
    rows.push_back(row);
  }
  return absl::OkStatus();
}

absl::Status RunHeld(const Options& options, const Target& target,
                     std::vector<HeldRow>& rows) {
  HeldRow idle;
  idle.name = absl::StrCat("connections=", options.connections, "/idle");
  if (options.Wants(idle.name)) {
    ASSIGN_OR_RETURN(idle.result, RunIdleLoad(target, options.connections));
    idle.goals = {{"rss_mib",
                   static_cast<double>(idle.result.open.rss_kib) / 1024, 100,
                   false}};
    Print(idle);
    rows.push_back(idle);
  }
  HeldRow watches;
  watches.name = absl::StrCat("connections=", options.connections, "/watches");
  if (options.Wants(watches.name)) {
    ASSIGN_OR_RETURN(
        watches.result,
        RunWatchLoad(target, options.waiting_request, options.connections));
    Print(watches);
    rows.push_back(watches);
  }
  return absl::OkStatus();
}

absl::Status RunTokens(const Options& options, const Target& target,
                       std::vector<Row>& rows) {
  TokenBench bench;
  bench.operation = absl::StrCat(kProduct, "/operations/p256");
  bench.windows = options.windows;
  bench.window = options.window();
  bench.warm_up = absl::Seconds(kWarmUpSeconds);
  for (const auto& [name, run] :
       {std::pair{kRemembered, &RunRemembered}, std::pair{kFirst, &RunFirst}}) {
    if (!options.Wants(name)) continue;
    ASSIGN_OR_RETURN(Row row, run(target, bench));
    Print(row);
    rows.push_back(std::move(row));
  }
  return absl::OkStatus();
}

void SayHowLong(const Options& options) {
  double seconds = 0;
  for (const PlannedRow& plan : AllRows()) {
    if (options.Wants(plan.name)) seconds += SecondsOfRow(options);
  }
  for (const char* name : {kRemembered, kFirst}) {
    if (options.Wants(name)) seconds += SecondsOfRow(options);
  }
  if (options.Wants("overload/")) seconds += 6 * options.seconds + 12;
  if (options.Wants("connections=")) seconds += 20;
  std::cout << absl::StrFormat(
                   "This takes about %.0f minutes: %d windows of %.0f s for "
                   "each row, the bare token before and after each.\n",
                   std::ceil(seconds / 60), options.windows, options.seconds)
            << std::endl;
}

absl::Status Run(const Options& options) {
  ASSIGN_OR_RETURN(const Target verified, ReadTarget(options.site));
  ASSIGN_OR_RETURN(const Target unverified,
                   ReadTarget(options.unverified_site));
  ASSIGN_OR_RETURN(const Target narrow, ReadTarget(options.narrow_site));
  SayHowLong(options);
  std::vector<Row> rows;
  std::vector<HeldRow> held;
  // First: a server that has done nothing yet.
  RETURN_IF_ERROR(RunHeld(options, narrow, held));
  PrintHeader();
  for (const PlannedRow& plan : AllRows()) {
    if (!options.Wants(plan.name)) continue;
    ASSIGN_OR_RETURN(
        Row row, RunRow(options, plan.verify ? verified : unverified, plan));
    Print(row);
    rows.push_back(std::move(row));
  }
  RETURN_IF_ERROR(RunTokens(options, verified, rows));
  RETURN_IF_ERROR(RunOverload(options, narrow, rows));
  RETURN_IF_ERROR(WriteJson(rows, held, options.json_file));
  std::cout << "Rows: " << options.json_file << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  // As the server does: Debian's Abseil looks for deadlocks at every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  countersign::bench::Options options;
  bool quick = false;
  CLI::App app("Figures of running servers; ./dev bench starts them.");
  app.add_option("--site", options.site)->required();
  app.add_option("--unverified-site", options.unverified_site)->required();
  app.add_option("--narrow-site", options.narrow_site)->required();
  app.add_option("--module", options.module)->required();
  app.add_option("--waiting-request", options.waiting_request)->required();
  app.add_option("--json", options.json_file)->required();
  app.add_option("--windows", options.windows, "for each row")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds, "length of each window")
      ->check(CLI::PositiveNumber);
  app.add_option("--connections", options.connections, "that are held open");
  app.add_option("--only", options.only,
                 "rows whose names begin with it: rsa2048/clients=16");
  app.add_flag("--quick", quick, "one window of 2 s: no more than a look");
  CLI11_PARSE(app, argc, argv);
  if (quick) {
    options.windows = 1;
    options.seconds = 2;
  }
  const absl::Status status = countersign::bench::Run(options);
  if (!status.ok()) {
    std::cerr << "bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
