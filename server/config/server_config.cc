#include "server/config/server_config.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "core/issuing_ca.h"

namespace countersign::server {
namespace {

void CompareTokens(const std::string& field, const hsm::TokenOptions& a,
                   const hsm::TokenOptions& b,
                   std::vector<std::string>& fields) {
  const auto compare = [&](const char* name, const auto& x, const auto& y) {
    if (!(x == y)) fields.push_back(absl::StrCat(field, ".", name));
  };
  compare("name", a.name, b.name);
  compare("module", a.module_path, b.module_path);
  compare("token_label", a.token_label, b.token_label);
  compare("pin_file", a.pin_file, b.pin_file);
  compare("init_args", a.init_args, b.init_args);
  compare("sessions", a.sessions, b.sessions);
  compare("latch_file", a.latch_file, b.latch_file);
  compare("call_timeout", a.call_timeout, b.call_timeout);
  compare("max_stuck_calls", a.max_stuck_calls, b.max_stuck_calls);
  compare("keep_alive_interval", a.keep_alive_interval, b.keep_alive_interval);
  compare("reconnect_interval", a.reconnect_interval, b.reconnect_interval);
  compare("accept_attributes", a.accept_attributes, b.accept_attributes);
}

bool HasTokenIssuers(const ServerConfig& config) {
  return config.access != nullptr && !config.access->token_issuers.empty();
}

std::vector<core::IssuingCa> IssuingCas(const ServerConfig& config) {
  if (config.access == nullptr) return {};
  return config.access->policy.issuing_cas;
}

}  // namespace

std::vector<std::string> ChangesThatNeedRestart(const ServerConfig& a,
                                                const ServerConfig& b) {
  std::vector<std::string> fields;
  const auto compare = [&fields](const char* field, const auto& x,
                                 const auto& y) {
    if (!(x == y)) fields.emplace_back(field);
  };
  compare("listen.address", a.listen.address, b.listen.address);
  // What these files hold may change at any time (server/tls_files.h).
  compare("listen.certificate_file", a.listen.certificate_file,
          b.listen.certificate_file);
  compare("listen.private_key_file", a.listen.private_key_file,
          b.listen.private_key_file);
  compare("listen.port_file", a.listen.port_file, b.listen.port_file);
  compare("identity.client_ca_file", a.client_ca_file, b.client_ca_file);
  // TLS asks for a certificate and takes none where there are issuers.
  compare("identity.token_issuers", HasTokenIssuers(a), HasTokenIssuers(b));
  compare("issuing_cas", IssuingCas(a), IssuingCas(b));
  compare("hsm.tokens", a.hsm.tokens.size(), b.hsm.tokens.size());
  for (size_t i = 0; i < std::min(a.hsm.tokens.size(), b.hsm.tokens.size());
       ++i) {
    CompareTokens(absl::StrCat("hsm.tokens[", i, "]"), a.hsm.tokens[i],
                  b.hsm.tokens[i], fields);
  }
  compare("hsm.default_token", a.hsm.default_token, b.hsm.default_token);
  if (!a.hsm.tokens.empty() && !b.hsm.tokens.empty()) {
    // The same in each.
    const hsm::TokenOptions& x = a.hsm.tokens[0];
    const hsm::TokenOptions& y = b.hsm.tokens[0];
    compare("hsm.max_queue_time", x.max_queue_time, y.max_queue_time);
    compare("hsm.max_queued_digests", x.max_queued_digests,
            y.max_queued_digests);
    compare("hsm.verify_ec", x.verify_ec, y.verify_ec);
  }
  compare("storage.sqlite.path", a.storage.sqlite_path, b.storage.sqlite_path);
  compare("log.origin", a.log.origin, b.log.origin);
  compare("log.private_key_file", a.log.private_key_file,
          b.log.private_key_file);
  compare("log.integration_interval", a.log.integration_interval,
          b.log.integration_interval);
  compare("limits.sign_timeout", a.limits.sign_timeout, b.limits.sign_timeout);
  compare("limits.max_in_flight", a.limits.max_in_flight,
          b.limits.max_in_flight);
  compare("limits.max_watches", a.limits.max_watches, b.limits.max_watches);
  compare("metrics.address", a.metrics.address, b.metrics.address);
  compare("http.address", a.http.address, b.http.address);
  compare("http.port_file", a.http.port_file, b.http.port_file);
  compare("http.default_operation", a.http.default_operation,
          b.http.default_operation);
  compare("http.paths", a.http.paths, b.http.paths);
  compare("http.max_wait", a.http.max_wait, b.http.max_wait);
  compare("http.answer_window", a.http.answer_window, b.http.answer_window);
  compare("http.max_waiting_calls", a.http.max_waiting_calls,
          b.http.max_waiting_calls);
  compare("http.max_connections", a.http.max_connections,
          b.http.max_connections);
  return fields;
}

}  // namespace countersign::server
