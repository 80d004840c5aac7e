#include "server/app.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/integrator.h"
#include "audit/log_key.h"
#include "auth/authenticator.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret_bytes.h"
#include "base/status_macros.h"
#include "core/event.h"
#include "core/product.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "hsm/check_token.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/signer_observer.h"
#include "hsm/token_options.h"
#include "server/async_create.h"
#include "server/async_watch.h"
#include "server/config/config_watcher.h"
#include "server/front_desk.h"
#include "server/handlers/audit_handler.h"
#include "server/handlers/health_handler.h"
#include "server/handlers/identity_handler.h"
#include "server/handlers/key_handler.h"
#include "server/handlers/product_handler.h"
#include "server/handlers/signing_handler.h"
#include "server/health_board.h"
#include "server/http/http_door.h"
#include "server/http/http_server.h"
#include "server/key_check.h"
#include "server/levels.h"
#include "server/listen_problem.h"
#include "server/metrics/metrics.h"
#include "server/pipeline/integration.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/sweeper.h"
#include "server/timer.h"
#include "server/token_reporter.h"
#include "server/version.h"
#include "storage/product_query.h"
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
// Of a request; answers may be longer.
constexpr int kMaxMessageOctets = 4 << 20;
// Calls that may arrive while the loop is busy with others.
constexpr int kListeners = 16;
constexpr char kSigningService[] = "countersign.v1.SigningService";

// Those that have a health of their own.
std::vector<std::string> ServiceNames(const ServerConfig& config) {
  std::vector<std::string> names = {
      kSigningService, "countersign.v1.ProductService",
      "countersign.v1.KeyService", "countersign.v1.AuditService",
      "countersign.v1.IdentityService"};
  for (const hsm::TokenOptions& token : config.hsm.tokens) {
    names.push_back(TokenService(token.name));
  }
  return names;
}

hsm::Pkcs11SignerOptions SignerOptions(const ServerConfig& config,
                                       hsm::SignerObserver* observer) {
  hsm::Pkcs11SignerOptions options;
  options.tokens = config.hsm.tokens;
  options.default_token = config.hsm.default_token;
  options.observer = observer;
  return options;
}

}  // namespace

// Everything between the adapters and the wire, in the order of its making.
struct App::Parts {
  Parts(const ServerConfig& config, const std::string& config_path,
        const base::Clock& app_clock, base::Random& random,
        const Adapters& adapters, Metrics& metrics, audit::NoteSigner log_key)
      : clock(app_clock),
        authenticator(config.access),
        products(*adapters.store),
        watches(static_cast<size_t>(config.limits.max_watches)),
        pipeline(
            {*adapters.store, *adapters.signer, app_clock, products, watches,
             [this] { return PolicyOf(authenticator); }, &metrics},
            PipelineOptions(config)),
        sweeper(*adapters.store, *adapters.signer, app_clock, pipeline,
                products, SweeperOptions(config)),
        integration(audit::Integrator(*adapters.store, std::move(log_key)),
                    pipeline),
        watcher(config_path, config, app_clock,
                [this](std::shared_ptr<const auth::AccessSnapshot> access) {
                  authenticator.Replace(std::move(access));
                }),
        poll_config(!config_path.empty()),
        desk(authenticator, pipeline, app_clock, random, metrics),
        handler_parts{desk,    pipeline,  *adapters.store, products,
                      watches, app_clock, random},
        signing(handler_parts),
        product(handler_parts),
        key(handler_parts),
        audit(handler_parts, integration.integrator().verifier()),
        identity(handler_parts),
        board(ServiceNames(config)),
        health(board),
        tokens(board, kSigningService) {}

  static Pipeline::Options PipelineOptions(const ServerConfig& config) {
    Pipeline::Options options;
    options.max_in_flight = config.limits.max_in_flight;
    options.sign_timeout = config.limits.sign_timeout;
    return options;
  }

  static Sweeper::Options SweeperOptions(const ServerConfig& config) {
    Sweeper::Options options;
    options.default_token = config.hsm.default_token;
    options.max_in_flight = std::max(1, config.limits.max_in_flight / 2);
    return options;
  }

  const base::Clock& clock;
  auth::Authenticator authenticator;
  ProductCache products;
  WatchHub watches;
  Pipeline pipeline;
  Sweeper sweeper;
  Integration integration;
  ConfigWatcher watcher;
  const bool poll_config;
  FrontDesk desk;
  HandlerParts handler_parts;
  SigningHandler signing;
  ProductHandler product;
  KeyHandler key;
  AuditHandler audit;
  IdentityHandler identity;
  HealthBoard board;
  HealthHandler health;
  TokenReporter tokens;
  Timer tick;
  Timer integrate;
  Timer key_checks;
  int ticks_to_sweep = 0;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::unique_ptr<HttpDoor> http_door;
  std::unique_ptr<HttpServer> http_server;  // nullptr: no HTTPS port
  int http_port = 0;
};

SiteCheck CheckSite(const ServerConfig& config) {
  SiteCheck site;
  const auto products = storage::ReadProducts(config.storage.sqlite_path);
  if (!products.ok()) {
    site.mistakes.push_back(
        absl::StrCat("storage.sqlite.path: ", products.status().message()));
  }
  std::vector<hsm::NamedKey> keys;
  std::set<std::string> registered;
  if (products.ok()) {
    for (const core::KeyVersion& key : KeysThatSign(*products)) {
      keys.push_back({key.name.Format(), core::RefOf(key)});
      if (key.registered) registered.insert(keys.back().name);
    }
  }
  for (const hsm::TokenCheck& token :
       hsm::CheckTokens(SignerOptions(config, nullptr), keys)) {
    const std::string prefix = absl::StrCat("token ", token.token, ": ");
    if (!token.status.ok()) {
      site.mistakes.push_back(absl::StrCat(prefix, token.status.message()));
    }
    for (const hsm::KeyCheck& key : token.keys) {
      if (key.status.ok()) continue;
      const std::string reason = base::GetReason(key.status);
      // What was made by us has a public half beside it; other keys may not.
      const bool may_hide =
          reason == "KEY_NOT_VISIBLE" ||
          (reason == "KEY_MISSING" && registered.count(key.key) != 0);
      (may_hide ? site.notes : site.mistakes)
          .push_back(absl::StrCat(prefix, key.key, ": ", key.status.message()));
    }
  }
  return site;
}

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
  parts_ = std::make_unique<Parts>(config, config_path, clock, random,
                                   adapters_, *metrics_, std::move(log_key));
  RETURN_IF_ERROR(parts_->products.LoadAll());
  StartThreads(config);
  RETURN_IF_ERROR(Record(clock));
  RETURN_IF_ERROR(Serve(config));
  RETURN_IF_ERROR(ServeHttp(config, clock));
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
absl::Status App::Record(const base::Clock& clock) {
  core::Event event;
  event.type = core::EventType::kServerStarted;
  event.time = clock.Now();
  event.actor = core::ServerPrincipal();
  event.details.Set("version", kVersion);
  core::ChangeSet changes;
  changes.events.push_back(std::move(event));
  return parts_->pipeline.Commit(std::move(changes)).status();
}

absl::Status App::Serve(const ServerConfig& config) {
  ASSIGN_OR_RETURN(const base::SecretBytes key,
                   base::ReadSecretText(config.listen.private_key_file));
  grpc::SslServerCredentialsOptions tls(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = config.client_ca_pem;
  tls.pem_key_cert_pairs.push_back(
      {std::string(key.DangerouslyExpose()), config.listen.certificate_pem});
  // Ours instead: health_handler.h says why.
  grpc::EnableDefaultHealthCheckService(false);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config.listen.address,
                           grpc::SslServerCredentials(tls), &parts_->port);
  builder.SetMaxReceiveMessageSize(kMaxMessageOctets);
  // Two servers on one port would share callers without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // No bandwidth probes: messages are small (measured: 5 us for each request).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // Buffers of a connection as small as most messages: a thousand pipelines
  // wait here. Larger messages grow them.
  builder.AddChannelArgument(GRPC_ARG_TCP_READ_CHUNK_SIZE, 1024);
  builder.AddChannelArgument(GRPC_ARG_TCP_MIN_READ_CHUNK_SIZE, 1024);
  builder.AddChannelArgument(GRPC_ARG_TSI_MAX_FRAME_SIZE, 4096);
  // A watch whose client vanished without a word ends within minutes.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  // Handlers that block: few queues, many pollers, or each blocked call makes
  // and ends a thread.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 128);
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
  timers_.emplace_back([this] {
    pthread_setname_np(pthread_self(), "timer");
    parts_->tick.RunLoop(kTick, [this] { Tick(); });
  });
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
  ASSIGN_OR_RETURN(const base::SecretBytes key,
                   base::ReadSecretText(config.listen.private_key_file));
  HttpServer::Options options;
  options.address = config.http.address;
  options.certificate_pem = config.listen.certificate_pem;
  options.client_ca_pem = config.client_ca_pem;
  options.max_wait = config.http.max_wait;
  options.max_connections = config.http.max_connections;
  ASSIGN_OR_RETURN(parts_->http_server,
                   HttpServer::Listen(options, key, clock));
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
  Parts* parts = parts_.get();
  StartThread("writer", [parts] { parts->pipeline.RunWriter(); });
  StartThread("finisher", [parts] { parts->pipeline.RunFinisher(); });
  StartThread("key-maker", [parts] { parts->pipeline.RunKeyMaker(); });
  const absl::Duration interval = config.log.integration_interval;
  timers_.emplace_back([parts, interval] {
    pthread_setname_np(pthread_self(), "integration");
    parts->integrate.RunLoop(interval, [parts] { parts->integration.Tick(); });
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
  if (parts_->poll_config) parts_->watcher.Poll();
  absl::StatusOr<Levels> levels =
      ReadLevels(*adapters_.store, parts_->clock.Now());
  if (!levels.ok()) return;  // the sweeper has said so
  levels->signer_ready = health.ready;
  levels->tokens = health.tokens;
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
