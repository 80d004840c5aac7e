#include "server/config/server_config.h"

namespace countersign::server {

std::vector<std::string> ChangesThatNeedRestart(const ServerConfig& a,
                                                const ServerConfig& b) {
  std::vector<std::string> fields;
  const auto compare = [&fields](const char* field, const auto& x,
                                 const auto& y) {
    if (!(x == y)) fields.emplace_back(field);
  };
  compare("listen.address", a.listen.address, b.listen.address);
  compare("listen.certificate_file", a.listen.certificate_pem,
          b.listen.certificate_pem);
  compare("listen.private_key_file", a.listen.private_key_file,
          b.listen.private_key_file);
  compare("listen.port_file", a.listen.port_file, b.listen.port_file);
  compare("identity.client_ca_file", a.client_ca_pem, b.client_ca_pem);
  compare("hsm.module", a.hsm.module, b.hsm.module);
  compare("hsm.token_label", a.hsm.token_label, b.hsm.token_label);
  compare("hsm.pin_file", a.hsm.pin_file, b.hsm.pin_file);
  compare("hsm.sessions", a.hsm.sessions, b.hsm.sessions);
  compare("hsm.max_queued_digests", a.hsm.max_queued_digests,
          b.hsm.max_queued_digests);
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
  return fields;
}

}  // namespace countersign::server
