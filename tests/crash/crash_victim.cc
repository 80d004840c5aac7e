// crash_victim FOLDER COMMIT before|after: opens the store and the token in
// FOLDER, finishes what a crash left behind, runs the scenario, and dies by
// SIGKILL at that commit. COMMIT 0: never; then it ends with 0 when all is
// done.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "audit/integrator.h"
#include "audit/log_key.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "core/signer.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/token_options.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"
#include "server/pipeline/sweeper.h"
#include "server/pipeline/watch_hub.h"
#include "storage/sqlite_store.h"
#include "tests/crash/crashing_store.h"
#include "tests/crash/journal.h"
#include "tests/crash/scenario.h"

namespace countersign::crash {
namespace {

// Notes each use of a key before it happens.
class NotingSigner final : public core::Signer {
 public:
  NotingSigner(core::Signer& inner, Journal& journal)
      : inner_(inner), journal_(journal) {}

  absl::StatusOr<core::KeyReport> MakeKey(const core::KeyRef& key) override {
    return inner_.MakeKey(key);
  }
  absl::StatusOr<core::KeyReport> RegisterKey(
      const core::KeyRef& key) override {
    return inner_.RegisterKey(key);
  }
  absl::Status DestroyKey(const core::KeyRef& key) override {
    return inner_.DestroyKey(key);
  }
  absl::Status CheckKey(const core::KeyRef& key) override {
    return inner_.CheckKey(key);
  }
  absl::StatusOr<core::RoomPtr> Reserve(const core::KeyRef& key,
                                        size_t digests) override {
    return inner_.Reserve(key, digests);
  }
  void Sign(core::SignJob job,
            std::function<void(core::SignResult)> done) override {
    journal_.KeyUsed(job.digests.front());
    inner_.Sign(std::move(job), std::move(done));
  }
  core::SignerHealth Health() const override { return inner_.Health(); }

 private:
  core::Signer& inner_;
  Journal& journal_;
};

absl::Status Integrate(audit::Integrator& integrator,
                       server::Pipeline& pipeline) {
  for (;;) {
    ASSIGN_OR_RETURN(auto update, integrator.Next());
    if (!update.has_value()) return absl::OkStatus();
    core::ChangeSet changes;
    changes.tree = std::move(*update);
    RETURN_IF_ERROR(pipeline.Commit(std::move(changes)).status());
  }
}

absl::Status Run(const std::string& folder, CrashPoint point) {
  base::SystemClock clock;
  base::SystemRandom random;
  Journal journal(folder + "/journal");
  ASSIGN_OR_RETURN(auto sqlite,
                   storage::SqliteStore::Open(folder + "/store.db"));
  CrashingStore store(*sqlite, point);

  hsm::TokenOptions token;
  token.name = "main";
  token.module_path = std::getenv("CRASH_MODULE");
  token.token_label = "test";
  token.pin_file = std::getenv("CRASH_PIN_FILE");
  ASSIGN_OR_RETURN(auto keys, hsm::Pkcs11Signer::Create(
                                  {{token}, token.name, nullptr}, clock));
  NotingSigner signer(*keys, journal);
  ASSIGN_OR_RETURN(auto log_key,
                   audit::LoadLogKey(folder + "/log.key", "crash.example/log"));
  audit::Integrator integrator(store, std::move(log_key));

  server::ProductCache products(store);
  RETURN_IF_ERROR(products.LoadAll());
  server::WatchHub watches(16);
  const auto policy = std::make_shared<const core::Policy>(ScenarioPolicy());
  server::Pipeline pipeline(
      {store, signer, clock, products, watches, [policy] { return policy; }},
      {});
  server::Sweeper sweeper(store, signer, clock, pipeline, products,
                          {token.name});
  std::vector<std::thread> threads;
  threads.emplace_back([&] { pipeline.RunWriter(); });
  threads.emplace_back([&] { pipeline.RunFinisher(); });
  threads.emplace_back([&] { pipeline.RunKeyMaker(); });

  Scenario scenario({pipeline, store, clock, random, journal,
                     [&] { return Integrate(integrator, pipeline); },
                     [&] { sweeper.Tick(); }});
  sweeper.Tick();
  const absl::Status status = scenario.Run();

  pipeline.StopTaking();
  pipeline.Drain(absl::Seconds(10));
  pipeline.AbandonSigning();
  pipeline.Stop();
  for (std::thread& thread : threads) thread.join();
  return status;
}

}  // namespace
}  // namespace countersign::crash

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const absl::Status status = countersign::crash::Run(
      argv[1], {std::atoi(argv[2]), std::string(argv[3]) == "after"});
  if (!status.ok()) {
    std::cerr << "crash_victim: " << status << "\n";
    return 1;
  }
  return 0;
}
