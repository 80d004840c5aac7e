#include "server/server_credentials.h"

#include <string>
#include <utility>
#include <vector>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace countersign::server {
namespace {

// What one port's handshakes were given last.
class Port {
 public:
  explicit Port(std::shared_ptr<const CurrentTls> tls) : tls_(std::move(tls)) {}

  // gRPC's callback, before each handshake.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* port, grpc_ssl_server_certificate_config** config) {
    return static_cast<Port*>(port)->Give(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status Give(
      grpc_ssl_server_certificate_config** config) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::shared_ptr<const TlsIdentity> now = tls_->Get();
    base::MutexLock lock(mutex_);
    if (now == given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const std::string key(now->private_key_pem.DangerouslyExpose());
    const grpc_ssl_pem_key_cert_pair pair = {key.c_str(),
                                             now->certificate_pem.c_str()};
    *config = grpc_ssl_server_certificate_config_create(
        now->client_ca_pem.c_str(), &pair, 1);
    if (*config == nullptr) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
    given_ = now;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<const CurrentTls> tls_;
  base::Mutex mutex_;
  std::shared_ptr<const TlsIdentity> given_ ABSL_GUARDED_BY(mutex_);
};

class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::shared_ptr<const CurrentTls> tls,
                       grpc_ssl_client_certificate_request_type request)
      : tls_(std::move(tls)), request_(request) {}

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    // One for each port: gRPC asks for each by itself what is new.
    ports_.push_back(std::make_unique<Port>(tls_));
    grpc_server_credentials* credentials =
        grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                request_, &Port::Fetch, ports_.back().get()));
    if (credentials == nullptr) return 0;
    const int port =
        grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);  // the server has its own
    return port;
  }

  const std::shared_ptr<const CurrentTls> tls_;
  const grpc_ssl_client_certificate_request_type request_;
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    std::shared_ptr<const CurrentTls> tls, ClientCertificates certificates) {
  return std::make_shared<ReloadingCredentials>(
      std::move(tls),
      certificates == ClientCertificates::kRequired
          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
}

}  // namespace countersign::server
