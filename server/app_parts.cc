#include "server/app_parts.h"

#include <algorithm>
#include <utility>

#include "audit/integrator.h"
#include "auth/fetch_issuer_keys.h"
#include "core/store.h"
#include "hsm/token_options.h"

namespace countersign::server {
namespace {

// Certificates, and as many tokens; about 1 KiB each.
constexpr size_t kRemembered = 4096;

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

Pipeline::Options PipelineOptions(const ServerConfig& config) {
  Pipeline::Options options;
  options.max_in_flight = config.limits.max_in_flight;
  options.sign_timeout = config.limits.sign_timeout;
  return options;
}

Sweeper::Options SweeperOptions(const ServerConfig& config,
                                CertificateIssuer* certificates) {
  Sweeper::Options options;
  options.certificates = certificates;
  options.default_token = config.hsm.default_token;
  options.max_in_flight = std::max(1, config.limits.max_in_flight / 2);
  return options;
}

}  // namespace

AppParts::AppParts(const ServerConfig& config, const std::string& config_path,
                   const base::Clock& app_clock, base::Random& random,
                   const Adapters& adapters, Metrics& metrics,
                   audit::NoteSigner log_key)
    : clock(app_clock),
      issuer_keys(auth::IssuerKeys::Options(), app_clock,
                  auth::FetchIssuerKeys),
      authenticator(config.access, kRemembered, &issuer_keys),
      products(*adapters.store),
      watches(static_cast<size_t>(config.limits.max_watches)),
      pipeline({*adapters.store, *adapters.signer, app_clock, products, watches,
                [this] { return PolicyOf(authenticator); }, &metrics},
               PipelineOptions(config)),
      certificates(
          pipeline, products, [this] { return PolicyOf(authenticator); },
          app_clock, random),
      crls(
          *adapters.store, *adapters.signer, pipeline,
          [this] { return PolicyOf(authenticator); }, app_clock),
      sweeper(*adapters.store, *adapters.signer, app_clock, pipeline, products,
              SweeperOptions(config, &certificates)),
      integration(audit::Integrator(*adapters.store, std::move(log_key)),
                  pipeline),
      watcher(config_path, config, app_clock,
              [this](std::shared_ptr<const auth::AccessSnapshot> access) {
                // Its keys first: no call finds an issuer that nobody fetches.
                issuer_keys.Replace(access->token_issuers);
                authenticator.Replace(std::move(access));
              }),
      poll_files(!config_path.empty()),
      desk(authenticator, pipeline, app_clock, random, metrics),
      handler_parts{desk,      pipeline, *adapters.store, products, watches,
                    app_clock, random,   &certificates,   &crls},
      signing(handler_parts),
      product(handler_parts),
      key(handler_parts),
      audit(handler_parts, integration.integrator().verifier()),
      identity(handler_parts),
      board(ServiceNames(config)),
      health(board),
      tokens(board, kSigningService),
      issuers(issuer_keys, board, app_clock,
              [this](core::Event event) { return Record(std::move(event)); }) {
  issuer_keys.Replace(config.access->token_issuers);
}

absl::Status AppParts::Record(core::Event event) {
  core::ChangeSet changes;
  changes.events.push_back(std::move(event));
  return pipeline.Commit(std::move(changes)).status();
}

}  // namespace countersign::server
