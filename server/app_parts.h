// Everything between the adapters and the wire, in the order of its making: who
// has what. App makes it, starts its threads, opens its ports and stops it;
// nobody else knows it.
#ifndef COUNTERSIGN_SERVER_APP_PARTS_H_
#define COUNTERSIGN_SERVER_APP_PARTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "audit/signed_note.h"
#include "auth/authenticator.h"
#include "auth/issuer_keys.h"
#include "base/clock.h"
#include "base/random.h"
#include "core/event.h"
#include "grpcpp/grpcpp.h"
#include "server/adapters.h"
#include "server/config/config_watcher.h"
#include "server/config/server_config.h"
#include "server/crl_keeper.h"
#include "server/front_desk.h"
#include "server/handlers/audit_handler.h"
#include "server/handlers/health_handler.h"
#include "server/handlers/identity_handler.h"
#include "server/handlers/key_handler.h"
#include "server/handlers/parts.h"
#include "server/handlers/product_handler.h"
#include "server/handlers/signing_handler.h"
#include "server/health_board.h"
#include "server/http/http_door.h"
#include "server/http/http_server.h"
#include "server/issuer_thread.h"
#include "server/metrics/metrics.h"
#include "server/pipeline/certificate_issuer.h"
#include "server/pipeline/integration.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"
#include "server/pipeline/sweeper.h"
#include "server/pipeline/watch_hub.h"
#include "server/timer.h"
#include "server/tls_files.h"
#include "server/tls_identity.h"
#include "server/token_reporter.h"

namespace countersign::server {

inline constexpr char kSigningService[] = "countersign.v1.SigningService";

struct AppParts {
  // All but `config` outlives it.
  AppParts(const ServerConfig& config, const std::string& config_path,
           const base::Clock& app_clock, base::Random& random,
           const Adapters& adapters, Metrics& metrics,
           audit::NoteSigner log_key);

  // What happens to the server itself. Blocks until it is in the record.
  absl::Status Record(core::Event event);

  const base::Clock& clock;
  auth::IssuerKeys issuer_keys;
  auth::Authenticator authenticator;
  ProductCache products;
  WatchHub watches;
  Pipeline pipeline;
  CertificateIssuer certificates;
  CrlKeeper crls;
  Sweeper sweeper;
  Integration integration;
  ConfigWatcher watcher;
  const bool poll_files;
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
  IssuerThread issuers;
  Timer tick;
  Timer integrate;
  Timer key_checks;
  int ticks_to_sweep = 0;
  std::shared_ptr<CurrentTls> tls;
  std::shared_ptr<grpc::ServerCredentials> credentials;  // before the server
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::unique_ptr<HttpDoor> http_door;
  std::unique_ptr<HttpServer> http_server;  // nullptr: no HTTPS port
  int http_port = 0;
  std::unique_ptr<TlsFiles> tls_files;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_APP_PARTS_H_
