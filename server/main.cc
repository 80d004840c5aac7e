// countersignd: flags, signals and the rules of the process. All else is
// app.cc.
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/tls_policy.h"
#include "server/app.h"
#include "server/check_site.h"
#include "server/config/config.h"
#include "server/version.h"

namespace {

using countersign::base::Severity;

// gRPC's own lines, in our form.
void LogGrpc(gpr_log_func_args* line) {
  countersign::base::Log(line->severity == GPR_LOG_SEVERITY_ERROR
                             ? Severity::kWarning
                             : Severity::kDebug,
                         "grpc", {{"message", line->message}});
}

void SetProcessRules() {
  // Debian's Abseil looks for deadlocks at every lock of gRPC; ours are checked
  // by the compiler (base/mutex.h).
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // The PIN, the TLS key and tokens are in memory: no core file, no ptrace.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  // A shell's default of 1024 is fewer than the calls that may wait.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65536);
    setrlimit(RLIMIT_NOFILE, &files);
  }
  // Threads that wake do not preempt one that signs: batches grow by a factor
  // of two at 64 clients (docs/adr/0004). Inherited by every thread; where it
  // is not allowed the server is a little slower.
  const sched_param batch{};
  sched_setscheduler(0, SCHED_BATCH, &batch);
  // Otherwise each allocation of a kilobyte or more merges the small ones that
  // were freed since the last, on a path where both come by dozens.
  mallopt(M_MXFAST, 0);
  grpc_init();  // the function below is forgotten before it
  gpr_set_log_function(&LogGrpc);
}

int Fail(const absl::Status& status) {
  const absl::string_view message = status.message();
  std::fprintf(stderr, "countersignd: %.*s\n", static_cast<int>(message.size()),
               message.data());
  return 1;
}

int Check(const countersign::server::ServerConfig& config) {
  const auto site = countersign::server::CheckSite(config);
  for (const std::string& note : site.notes) {
    std::printf("note: %s; the start looks again\n", note.c_str());
  }
  for (const std::string& mistake : site.mistakes) {
    std::fprintf(stderr, "countersignd: %s\n", mistake.c_str());
  }
  if (!site.mistakes.empty()) return 1;
  std::printf("configuration OK\n");
  for (const auto& token : config.hsm.tokens) {
    std::printf("token \"%s\": \"%s\" found, nobody logged in\n",
                token.name.c_str(), token.token_label.c_str());
  }
  for (const auto& issuer : config.access->token_issuers) {
    const bool file = !issuer.keys.jwks_file.empty();
    std::printf(
        "token issuer \"%s\": profile %s, keys from %s\n", issuer.name.c_str(),
        issuer.profile.c_str(),
        (file ? issuer.keys.jwks_file : issuer.keys.discovery_url).c_str());
  }
  for (const auto& ca : config.access->policy.issuing_cas) {
    std::printf("issuing authority \"%s\": %zu profiles\n", ca.name.c_str(),
                ca.profiles.size());
  }
  return 0;
}

int Serve(const countersign::server::ServerConfig& config,
          const std::string& path, const countersign::base::Clock& clock) {
  // Blocked in every thread; the main thread waits for them below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  SetProcessRules();
  const absl::Status tls = countersign::base::RequireTls13();
  if (!tls.ok()) return Fail(tls);
  countersign::base::SystemRandom system_random;
  countersign::base::PooledRandom random(system_random);
  auto app = countersign::server::App::Start(config, path, clock, random);
  if (!app.ok()) return Fail(app.status());
  int received = 0;
  sigwait(&signals, &received);
  (*app)->Stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App flags("countersignd: signs digests with HSM keys, by rules");
  std::string path;
  bool check = false;
  flags.add_option("--config", path, "YAML file (config/v1/config.proto)")
      ->required();
  flags.add_flag("--check", check,
                 "check the file, the modules and the tokens, then end; no PIN "
                 "is tried");
  flags.set_version_flag("--version", std::string("countersignd ") +
                                          countersign::server::kVersion);
  CLI11_PARSE(flags, argc, argv);
  const countersign::base::SystemClock clock;
  // PKCS#11 modules write to sockets that may be gone: before the first one is
  // loaded, also for --check.
  signal(SIGPIPE, SIG_IGN);
  const auto config = countersign::server::LoadConfig(path, clock.Now());
  if (!config.ok()) return Fail(config.status());
  return check ? Check(*config) : Serve(*config, path, clock);
}
