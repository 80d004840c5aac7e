#include "server/app.h"

#include <pthread.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/log_key.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "core/event.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/signer_observer.h"
#include "hsm/token_options.h"
#include "server/app_parts.h"
#include "server/async_create.h"
#include "server/async_watch.h"
#include "server/grpc_port.h"
#include "server/http/http_door.h"
#include "server/http/http_server.h"
#include "server/issuer_thread.h"
#include "server/key_check.h"
#include "server/levels.h"
#include "server/listen_problem.h"
#include "server/metrics/metrics.h"
#include "server/server_credentials.h"
#include "server/tls_files.h"
#include "server/tls_identity.h"
#include "server/token_reporter.h"
#include "server/version.h"
#include "storage/sqlite_store.h"

namespace countersign::server {
namespace {

// How soon a token that is away or back is noticed; it costs no call into a
// module.
constexpr absl::Duration kTick = absl::Milliseconds(50);
// What is read from the disk, and recovery where nothing came back.
constexpr int kTicksOfSweep = 20;
// How soon keys are looked at again whose token was away at start.
constexpr absl::Duration kKeyCheck = absl::Seconds(1);
constexpr absl::Duration kDrain = absl::Seconds(10);
constexpr absl::Duration kDrainAfterAbandoning = absl::Seconds(5);
// Of answers that are on their way already.
constexpr absl::Duration kDrainOfHttp = absl::Seconds(3);
// Calls that may arrive while the loop is busy with others.
constexpr int kListeners = 16;

hsm::Pkcs11SignerOptions SignerOptions(const ServerConfig& config,
                                       hsm::SignerObserver* observer) {
  hsm::Pkcs11SignerOptions options;
  options.tokens = config.hsm.tokens;
  options.default_token = config.hsm.default_token;
  options.observer = observer;
  return options;
}

}  // namespace

App::App(std::unique_ptr<Metrics> metrics, Adapters adapters)
    : metrics_(std::move(metrics)), adapters_(std::move(adapters)) {}

App::~App() { Stop(); }

absl::StatusOr<std::unique_ptr<App>> App::Start(const ServerConfig& config,
                                                const std::string& config_path,
                                                const base::Clock& clock,
                                                base::Random& random) {
  ASSIGN_OR_RETURN(std::unique_ptr<Metrics> metrics,
                   Metrics::Start(config.metrics.address));
  Adapters adapters;
  ASSIGN_OR_RETURN(adapters.store,
                   storage::SqliteStore::Open(config.storage.sqlite_path));
  ASSIGN_OR_RETURN(
      adapters.signer,
      hsm::Pkcs11Signer::Create(SignerOptions(config, metrics.get()), clock));
  std::unique_ptr<App> app(new App(std::move(metrics), std::move(adapters)));
  RETURN_IF_ERROR(app->Build(config, config_path, clock, random));
  return app;
}

absl::StatusOr<std::unique_ptr<App>> App::StartWith(
    const ServerConfig& config, const std::string& config_path,
    const base::Clock& clock, base::Random& random, Adapters adapters) {
  ASSIGN_OR_RETURN(std::unique_ptr<Metrics> metrics,
                   Metrics::Start(config.metrics.address));
  std::unique_ptr<App> app(new App(std::move(metrics), std::move(adapters)));
  RETURN_IF_ERROR(app->Build(config, config_path, clock, random));
  return app;
}

absl::Status App::Build(const ServerConfig& config,
                        const std::string& config_path,
                        const base::Clock& clock, base::Random& random) {
  ASSIGN_OR_RETURN(
      audit::NoteSigner log_key,
      audit::LoadLogKey(config.log.private_key_file, config.log.origin));
  TlsIdentity tls;
  tls.certificate_pem = config.listen.certificate_pem;
  tls.client_ca_pem = config.client_ca_pem;
  ASSIGN_OR_RETURN(tls.private_key_pem,
                   base::ReadSecretText(config.listen.private_key_file));
  parts_ = std::make_unique<AppParts>(config, config_path, clock, random,
                                      adapters_, *metrics_, std::move(log_key));
  parts_->tls = std::make_shared<CurrentTls>(std::move(tls));
  RETURN_IF_ERROR(parts_->products.LoadAll());
  StartThreads(config);
  RETURN_IF_ERROR(RecordStart(clock));
  StartIssuers();
  RETURN_IF_ERROR(Serve(config));
  RETURN_IF_ERROR(ServeHttp(config, clock));
  StartTimer(config, clock);
  if (!config.http.port_file.empty()) {
    RETURN_IF_ERROR(base::WriteFileAtomically(
        config.http.port_file, absl::StrCat(parts_->http_port, "\n")));
  }
  // Last: whoever waits for it finds all of the server.
  if (!config.listen.port_file.empty()) {
    RETURN_IF_ERROR(base::WriteFileAtomically(
        config.listen.port_file, absl::StrCat(parts_->port, "\n")));
  }
  base::Log(base::Severity::kInfo, "started",
            {{"version", kVersion},
             {"port", parts_->port},
             {"http_port", parts_->http_port},
             {"metrics_port", metrics_->port()}});
  return absl::OkStatus();
}

// The record begins to work before the first caller comes.
absl::Status App::RecordStart(const base::Clock& clock) {
  core::Event event;
  event.type = core::EventType::kServerStarted;
  event.time = clock.Now();
  event.actor = core::ServerPrincipal();
  event.details.Set("version", kVersion);
  return parts_->Record(std::move(event));
}

absl::Status App::Serve(const ServerConfig& config) {
  const bool tokens = !config.access->token_issuers.empty();
  parts_->credentials = MakeServerCredentials(
      parts_->tls,
      tokens ? ClientCertificates::kOptional : ClientCertificates::kRequired);
  // Ours instead: health_handler.h says why.
  grpc::EnableDefaultHealthCheckService(false);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config.listen.address, parts_->credentials,
                           &parts_->port);
  TunePort(builder);
  builder.RegisterService(&parts_->signing);
  builder.RegisterService(&parts_->product);
  builder.RegisterService(&parts_->key);
  builder.RegisterService(&parts_->audit);
  builder.RegisterService(&parts_->identity);
  builder.RegisterService(&parts_->health);
  // The first caller gets no better answer than the first tick would give.
  parts_->tokens.Report(adapters_.signer->Health());
  parts_->queue = builder.AddCompletionQueue();
  parts_->server = builder.BuildAndStart();
  if (parts_->server == nullptr || parts_->port == 0) {
    return absl::UnavailableError(
        absl::StrCat("listen.address ", config.listen.address, ": ",
                     ListenProblem(config.listen.address)));
  }
  for (int i = 0; i < kListeners; ++i) {
    AsyncCreate::Listen(parts_->handler_parts, parts_->signing, *parts_->queue);
  }
  AsyncWatch::Listen(parts_->handler_parts, parts_->signing, *parts_->queue);
  StartThread("rpc-queue", [this] { RunCompletionQueue(*parts_->queue); });
  // Among the stages: it may be inside a module, as the key maker.
  StartThread("key-check", [this] {
    KeyCheck check(*adapters_.store, *adapters_.signer);
    parts_->key_checks.RunLoop(kKeyCheck, [&] {
      if (check.Run()) parts_->key_checks.Stop();
    });
  });
  return absl::OkStatus();
}

absl::Status App::ServeHttp(const ServerConfig& config,
                            const base::Clock& clock) {
  if (config.http.address.empty()) return absl::OkStatus();
  const std::shared_ptr<const TlsIdentity> tls = parts_->tls->Get();
  HttpServer::Options options;
  options.address = config.http.address;
  options.certificate_pem = tls->certificate_pem;
  options.client_ca_pem = tls->client_ca_pem;
  options.max_wait = config.http.max_wait;
  options.max_connections = config.http.max_connections;
  ASSIGN_OR_RETURN(parts_->http_server,
                   HttpServer::Listen(options, tls->private_key_pem, clock));
  parts_->http_port = parts_->http_server->port();
  HttpDoor::Options door;
  door.paths = {config.http.default_operation, config.http.paths};
  door.max_wait = config.http.max_wait;
  door.answer_window = config.http.answer_window;
  door.max_waiting_calls = config.http.max_waiting_calls;
  door.signing_service = kSigningService;
  for (const hsm::TokenOptions& token : config.hsm.tokens) {
    door.tokens.push_back(TokenService(token.name));
  }
  door.issuers = [keys = &parts_->issuer_keys] { return keys->Health(); };
  door.latest_crl = [crls = &parts_->crls](const std::string& authority) {
    return crls->LatestDer(authority);
  };
  HttpServer* server = parts_->http_server.get();
  parts_->http_door = std::make_unique<HttpDoor>(
      parts_->handler_parts, parts_->board, *metrics_,
      [server](std::function<void()> work) { server->Post(std::move(work)); },
      std::move(door));
  StartThread("http", [server, door = parts_->http_door.get()] {
    server->RunLoop(
        [door](HttpRequest request, const HttpPeer& peer, HttpDone done) {
          return door->Handle(std::move(request), peer, std::move(done));
        });
  });
  return absl::OkStatus();
}

void App::StartThreads(const ServerConfig& config) {
  AppParts* parts = parts_.get();
  StartThread("writer", [parts] { parts->pipeline.RunWriter(); });
  StartThread("finisher", [parts] { parts->pipeline.RunFinisher(); });
  StartThread("key-maker", [parts] { parts->pipeline.RunKeyMaker(); });
  const absl::Duration interval = config.log.integration_interval;
  timers_.emplace_back([parts, interval] {
    pthread_setname_np(pthread_self(), "integration");
    parts->integrate.RunLoop(interval, [parts] { parts->integration.Tick(); });
  });
}

// After the start's leaf, as new keys are leaves; before the first token comes.
void App::StartIssuers() {
  timers_.emplace_back([this] {
    pthread_setname_np(pthread_self(), "issuers");
    parts_->issuers.RunLoop();
  });
  parts_->issuers.WaitForFirst(kFirstKeys);
}

// When both ports are there.
void App::StartTimer(const ServerConfig& config, const base::Clock& clock) {
  HttpServer* http = parts_->http_server.get();
  parts_->tls_files = std::make_unique<TlsFiles>(
      TlsPaths{config.listen.certificate_file, config.listen.private_key_file,
               config.client_ca_file},
      *parts_->tls, clock, [http](const TlsIdentity& fresh) {
        return http == nullptr ? absl::OkStatus() : http->ReplaceTls(fresh);
      });
  timers_.emplace_back([this] {
    pthread_setname_np(pthread_self(), "timer");
    parts_->tick.RunLoop(kTick, [this] { Tick(); });
  });
}

void App::StartThread(const char* name, std::function<void()> loop) {
  stages_.emplace_back([name, loop = std::move(loop)] {
    pthread_setname_np(pthread_self(), name);  // to 15 characters
    loop();
  });
}

void App::Tick() {
  const core::SignerHealth health = adapters_.signer->Health();
  const bool is_back = parts_->tokens.Report(health);
  if (!is_back && --parts_->ticks_to_sweep > 0) return;
  parts_->ticks_to_sweep = kTicksOfSweep;
  parts_->sweeper.Tick();
  parts_->crls.Tick();
  if (parts_->poll_files) {
    parts_->watcher.Poll();
    parts_->tls_files->Poll();
  }
  absl::StatusOr<Levels> levels =
      ReadLevels(*adapters_.store, parts_->clock.Now());
  if (!levels.ok()) return;  // the sweeper has said so
  levels->signer_ready = health.ready;
  levels->tokens = health.tokens;
  levels->issuers = parts_->issuers.Levels();
  levels->remembered_credentials =
      static_cast<int64_t>(parts_->authenticator.remembered());
  levels->open_watches = static_cast<int64_t>(parts_->watches.size());
  metrics_->Set(*levels);
}

void App::Stop() {
  if (stopped_) return;
  stopped_ = true;
  if (parts_ == nullptr) return;
  base::Log(base::Severity::kInfo, "stopping");
  parts_->board.Close();  // first, so that balancers send callers elsewhere
  parts_->tick.Stop();
  parts_->integrate.Stop();
  parts_->key_checks.Stop();
  parts_->issuers.Stop();
  for (std::thread& timer : timers_) timer.join();
  if (parts_->http_server != nullptr) parts_->http_server->StopTaking();
  parts_->pipeline.StopTaking();
  parts_->watches.Close();
  std::thread shutdown;
  if (parts_->server != nullptr) {
    // Waits for its calls, which wait for the flows that are drained below.
    shutdown = std::thread([this] {
      parts_->server->Shutdown(std::chrono::system_clock::now() +
                               absl::ToChronoSeconds(kDrain));
    });
  }
  if (!parts_->pipeline.Drain(kDrain)) {
    base::Log(base::Severity::kWarning, "drain_incomplete",
              {{"flows", parts_->pipeline.in_flight()}});
    parts_->pipeline.AbandonSigning();
    parts_->pipeline.Drain(kDrainAfterAbandoning);
  }
  if (parts_->http_server != nullptr) {
    parts_->http_server->Drain(kDrainOfHttp);
    parts_->http_server->Stop();
  }
  if (shutdown.joinable()) shutdown.join();
  parts_->integration.Tick();  // the last leaves
  if (parts_->queue != nullptr) parts_->queue->Shutdown();
  parts_->pipeline.Stop();
  for (std::thread& stage : stages_) stage.join();
  base::Log(base::Severity::kInfo, "stopped");
}

int App::port() const { return parts_->port; }
int App::http_port() const { return parts_->http_port; }
int App::metrics_port() const { return metrics_->port(); }
std::string App::metrics_text() const { return metrics_->Text(); }

}  // namespace countersign::server
